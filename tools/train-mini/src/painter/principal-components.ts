import type { Engine } from '@lascaux/nn';
import { ops, randomStream, trace } from '@lascaux/nn';

/** The directions of largest variance of a set of vectors. */
export interface PrincipalComponents {
  /** [D] */
  readonly mean: Float32Array;
  /** [K, D], orthonormal rows, the one of largest variance first. */
  readonly basis: Float32Array;
  /** Coordinates of the vectors along the rows of the basis, [N, K]. */
  readonly scores: Float32Array;
  /** Variance along each row, [K]. */
  readonly variances: Float32Array;
  /** Of all directions together. */
  readonly totalVariance: number;
}

const ROUNDS = 12;
/** Rows beyond those wanted, which make the last ones right. */
const EXTRA = 16;

/** The rows of [rows, columns] made orthonormal in place, one after another (modified Gram–Schmidt). */
export function orthonormalize(matrix: Float32Array | Float64Array, rows: number, columns: number): void {
  const row = (k: number) => matrix.subarray(k * columns, (k + 1) * columns);
  for (let k = 0; k < rows; k++) {
    const own = row(k);
    for (let j = 0; j < k; j++) {
      const before = row(j);
      let dot = 0;
      for (let i = 0; i < columns; i++) dot += before[i]! * own[i]!;
      for (let i = 0; i < columns; i++) own[i]! -= dot * before[i]!;
    }
    let square = 0;
    for (let i = 0; i < columns; i++) square += own[i]! ** 2;
    const scale = 1 / Math.sqrt(square + 1e-30);
    for (let i = 0; i < columns; i++) own[i]! *= scale;
  }
}

/**
 * The first `count` principal components of vectors [N, D], by simultaneous iteration Q ← orthonormalize(Q·Xᵀ·X) (Golub & Van Loan, 8.2.4).
 */
export async function principalComponents(
  engine: Engine,
  vectors: readonly Float32Array[],
  count: number,
): Promise<PrincipalComponents> {
  const [n, d] = [vectors.length, vectors[0]!.length];
  const k = Math.min(count + EXTRA, d);
  const mean = new Float32Array(d);
  for (const vector of vectors) for (let i = 0; i < d; i++) mean[i]! += vector[i]! / n;
  const centred = new Float32Array(n * d);
  vectors.forEach((vector, row) =>
    centred.set(
      vector.map((value, i) => value - mean[i]!),
      row * d,
    ),
  );
  let totalVariance = 0;
  for (const value of centred) totalVariance += (value * value) / n;

  const program = trace({ x: { shape: [n, d] }, q: { shape: [k, d] } }, (_, { x, q }) => {
    const scores = ops.matmul(x, ops.swapLast(q));
    return { scores, next: ops.matmul(ops.swapLast(scores), x) };
  });
  const executable = await engine.compile(program);
  const x = engine.upload(centred, [n, d]);
  const basis = randomStream(0).normal(k * d);
  orthonormalize(basis, k, d);
  const scores = new Float32Array(n * k);
  // The last round finds the scores alone.
  for (let round = 0; round <= ROUNDS; round++) {
    const q = engine.upload(basis, [k, d]);
    const outputs = await executable.run({ x, q });
    if (round === ROUNDS) scores.set((await outputs.scores!.read()) as Float32Array);
    else {
      basis.set((await outputs.next!.read()) as Float32Array);
      orthonormalize(basis, k, d);
    }
    for (const tensor of [q, ...Object.values(outputs)]) tensor.dispose();
  }
  x.dispose();
  await executable.dispose();
  const kept = Math.min(count, k);
  const variances = new Float32Array(kept);
  const ofKept = new Float32Array(n * kept);
  for (let row = 0; row < n; row++)
    for (let j = 0; j < kept; j++) {
      const value = scores[row * k + j]!;
      ofKept[row * kept + j] = value;
      variances[j]! += (value * value) / n;
    }
  return { mean, basis: basis.slice(0, kept * d), scores: ofKept, variances, totalVariance };
}

/**
 * The eigenvectors of the largest eigenvalues of a symmetric positive semidefinite matrix [size, size], by the same iteration.
 * @returns [count, size], orthonormal rows
 */
export function leadingEigenvectors(matrix: Float64Array, size: number, count: number): Float64Array {
  let rows = Float64Array.from(randomStream(1).normal(count * size));
  orthonormalize(rows, count, size);
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float64Array(count * size);
    for (let k = 0; k < count; k++)
      for (let i = 0; i < size; i++) {
        const factor = rows[k * size + i]!;
        for (let j = 0; j < size; j++) next[k * size + j]! += factor * matrix[i * size + j]!;
      }
    // Twice, since rows beyond the matrix's rank are nothing but rounding the first time.
    for (let time = 0; time < 2; time++) orthonormalize(next, count, size);
    rows = next;
  }
  return rows;
}
