import { LascauxError } from '@lascaux/nn';
/**
 * Lower Cholesky factor, row-major, of a small symmetric positive definite matrix (lower triangle read).
 *
 * @throws LascauxError naming the first pivot that is not positive.
 */
export function choleskyDefinite(matrix: Float64Array, size: number): Float64Array {
  const l = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j] ?? NaN;
      for (let k = 0; k < j; k++) sum -= (l[i * size + k] ?? 0) * (l[j * size + k] ?? 0);
      if (i === j && !(sum > 0)) {
        throw new LascauxError({
          operation: 'covariance',
          rule: `must be positive definite, got pivot ${sum} at ${i} of ${size}`,
        });
      }
      l[i * size + j] = i === j ? Math.sqrt(sum) : sum / (l[j * size + j] ?? 1);
    }
  }
  return l;
}

/** y with L y = vector. */
export function solveLower(l: Float64Array, vector: ArrayLike<number>): Float64Array {
  const size = vector.length;
  const y = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = vector[i] ?? 0;
    for (let k = 0; k < i; k++) sum -= (l[i * size + k] ?? 0) * (y[k] ?? 0);
    y[i] = sum / (l[i * size + i] ?? 1);
  }
  return y;
}

/** x with Lᵀ x = vector. */
export function solveLowerTransposed(l: Float64Array, vector: ArrayLike<number>): Float64Array {
  const size = vector.length;
  const x = new Float64Array(size);
  for (let i = size - 1; i >= 0; i--) {
    let sum = vector[i] ?? 0;
    for (let k = i + 1; k < size; k++) sum -= (l[k * size + i] ?? 0) * (x[k] ?? 0);
    x[i] = sum / (l[i * size + i] ?? 1);
  }
  return x;
}

/** ln det(L Lᵀ). */
export function logDeterminant(l: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += 2 * Math.log(l[i * size + i] ?? 0);
  return sum;
}

/** |v|². */
export function squaredLength(v: Float64Array): number {
  return v.reduce((sum, value) => sum + value * value, 0);
}
