import { leadingEigenvectors } from './principal-components.js';

/** Row k of a matrix with so many columns. */
export const row = <T extends Float32Array | Float64Array>(matrix: T, columns: number, k: number): T =>
  matrix.subarray(k * columns, (k + 1) * columns) as T;

/** Σ aᵢ·bᵢ */
export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** W with W·C·Wᵀ = 1 for a symmetric positive definite C [size, size]: the inverse of its Cholesky factor. */
export function whitening(matrix: Float64Array, size: number): Float64Array {
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      const rest =
        matrix[i * size + j]! - dot(row(factor, size, i).subarray(0, j), row(factor, size, j).subarray(0, j));
      factor[i * size + j] = i === j ? Math.sqrt(rest) : rest / factor[j * size + j]!;
    }
  const white = new Float64Array(size * size);
  for (let column = 0; column < size; column++)
    for (let i = column; i < size; i++) {
      let sum = i === column ? 1 : 0;
      for (let k = column; k < i; k++) sum -= factor[i * size + k]! * white[k * size + column]!;
      white[i * size + column] = sum / factor[i * size + i]!;
    }
  return white;
}

/** A linear map of lower rank: y ≈ Σ_j outward_j · (inward_j · x). */
export interface LowRankMap {
  readonly rank: number;
  /** [rank, inputs] */
  readonly inward: Float64Array;
  /** [rank, outputs] */
  readonly outward: Float64Array;
}

/** Pairs of inputs and outputs, as sums of their products. */
export interface Products {
  readonly count: number;
  /** Σ x·xᵀ, [inputs, inputs] */
  readonly inputs: Float64Array;
  /** Σ x·yᵀ, [inputs, outputs] */
  readonly crossed: Float64Array;
}

/** Sums of products of pairs that are given one after another. */
export function products(inputs: number, outputs: number) {
  const [squared, crossed] = [new Float64Array(inputs * inputs), new Float64Array(inputs * outputs)];
  let count = 0;
  return {
    add(x: ArrayLike<number>, y: ArrayLike<number>): void {
      count++;
      for (let i = 0; i < inputs; i++) {
        const factor = x[i]!;
        if (factor === 0) continue;
        for (let j = 0; j < inputs; j++) squared[i * inputs + j]! += factor * x[j]!;
        for (let j = 0; j < outputs; j++) crossed[i * outputs + j]! += factor * y[j]!;
      }
    },
    sums: (): Products => ({ count, inputs: squared, crossed }),
  };
}

/** Added to the diagonal of Σ x·xᵀ / n, as a share of its mean. */
const RIDGE = 1e-4;

/**
 * The best maps of one rank, in the least-squares sense, from the same inputs to several outputs, with one `inward` for all of them whose outputs have mean
 * square 1 (reduced-rank regression, Izenman 1975).
 */
export function sharedMaps(
  all: readonly Products[],
  { inputs, outputs, rank }: { readonly inputs: number; readonly outputs: number; readonly rank: number },
): readonly LowRankMap[] {
  const second = new Float64Array(inputs * inputs);
  let count = 0;
  for (const own of all) {
    count += own.count;
    own.inputs.forEach((value, i) => (second[i]! += value));
  }
  let trace = 0;
  for (let i = 0; i < inputs; i++) trace += second[i * inputs + i]! / count / inputs;
  second.forEach((value, i) => (second[i] = value / count + (i % (inputs + 1) === 0 ? RIDGE * trace : 0)));
  const white = whitening(second, inputs);
  const gram = new Float64Array(inputs * inputs);
  const maps = all.map((own) => {
    // [inputs, outputs] from whitened inputs.
    const map = new Float64Array(inputs * outputs);
    for (let i = 0; i < inputs; i++)
      for (let k = 0; k <= i; k++) {
        const factor = white[i * inputs + k]! / own.count;
        for (let j = 0; j < outputs; j++) map[i * outputs + j]! += factor * own.crossed[k * outputs + j]!;
      }
    for (let i = 0; i < inputs; i++)
      for (let k = 0; k < inputs; k++) gram[i * inputs + k]! += dot(row(map, outputs, i), row(map, outputs, k));
    return map;
  });
  const leading = leadingEigenvectors(gram, inputs, rank);
  const inward = new Float64Array(rank * inputs);
  for (let r = 0; r < rank; r++)
    for (let i = 0; i < inputs; i++) {
      const factor = leading[r * inputs + i]!;
      for (let k = 0; k < inputs; k++) inward[r * inputs + k]! += factor * white[i * inputs + k]!;
    }
  return maps.map((map) => {
    const outward = new Float64Array(rank * outputs);
    for (let r = 0; r < rank; r++)
      for (let i = 0; i < inputs; i++) {
        const factor = leading[r * inputs + i]!;
        for (let j = 0; j < outputs; j++) outward[r * outputs + j]! += factor * map[i * outputs + j]!;
      }
    return { rank, inward, outward };
  });
}

const NEGLIGIBLE = 1e-9;

/**
 * The best map of a rank for inputs that are uncorrelated, of the given mean squares; both factors are of like size.
 * @param map [inputs, outputs]
 * @param options mean squares of the inputs; how much each output counts
 */
export function reduced(
  map: Float64Array,
  { squares, weights, rank }: { readonly squares: Float64Array; readonly weights: Float64Array; readonly rank: number },
): LowRankMap {
  const [inputs, outputs] = [squares.length, weights.length];
  const gram = new Float64Array(outputs * outputs);
  for (let k = 0; k < inputs; k++) {
    const own = row(map, outputs, k);
    for (let i = 0; i < outputs; i++) {
      const factor = squares[k]! * own[i]! * weights[i]!;
      for (let j = 0; j < outputs; j++) gram[i * outputs + j]! += factor * own[j]! * weights[j]!;
    }
  }
  const outward = leadingEigenvectors(gram, outputs, rank);
  const inward = new Float64Array(rank * inputs);
  let largest = 0;
  for (let r = 0; r < rank; r++) {
    const direction = row(outward, outputs, r);
    const own = row(inward, inputs, r);
    let square = 0;
    for (let k = 0; k < inputs; k++) {
      const values = row(map, outputs, k);
      for (let i = 0; i < outputs; i++) own[k]! += direction[i]! * weights[i]! * values[i]!;
      square += squares[k]! * own[k]! ** 2;
    }
    largest = Math.max(largest, square);
    // Directions beyond the map's rank are noise.
    const balance = square > NEGLIGIBLE * largest ? square ** 0.25 : 0;
    for (let k = 0; k < inputs; k++) own[k] = balance === 0 ? 0 : own[k]! / balance;
    for (let i = 0; i < outputs; i++) direction[i]! *= balance / weights[i]!;
  }
  return { rank, inward, outward };
}
