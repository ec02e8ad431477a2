import type { Engine } from '@lascaux/nn';
import { ops, randomStream, trace } from '@lascaux/nn';

/** The directions of largest variance of a set of vectors. */
export interface PrincipalComponents {
  /** [D] */
  readonly mean: Float32Array;
  /** [D, K], orthonormal columns, the one of largest variance first. */
  readonly basis: Float32Array;
  /** Variance along each column, [K]. */
  readonly variances: Float32Array;
  /** Of all directions together. */
  readonly totalVariance: number;
}

const ROUNDS = 12;
/** Columns beyond those wanted, which make the last ones right. */
const EXTRA = 16;

/** Columns of [D, K] made orthonormal in place, one after another (modified Gram–Schmidt). */
function orthonormalize(matrix: Float32Array, rows: number, columns: number): void {
  const at = (row: number, column: number): number => row * columns + column;
  for (let k = 0; k < columns; k++) {
    for (let j = 0; j < k; j++) {
      let dot = 0;
      for (let i = 0; i < rows; i++) dot += matrix[at(i, j)]! * matrix[at(i, k)]!;
      for (let i = 0; i < rows; i++) matrix[at(i, k)]! -= dot * matrix[at(i, j)]!;
    }
    let square = 0;
    for (let i = 0; i < rows; i++) square += matrix[at(i, k)]! ** 2;
    const scale = 1 / Math.sqrt(square + 1e-30);
    for (let i = 0; i < rows; i++) matrix[at(i, k)]! *= scale;
  }
}

/**
 * The first `count` principal components of vectors [N, D], by simultaneous iteration Q ← orthonormalize(Xᵀ·X·Q) (Golub & Van Loan, 8.2.4).
 */
export async function principalComponents(
  engine: Engine,
  vectors: readonly Float32Array[],
  count: number,
): Promise<PrincipalComponents> {
  const [n, d] = [vectors.length, vectors[0]!.length];
  const k = count + EXTRA;
  const mean = new Float32Array(d);
  for (const vector of vectors) for (let i = 0; i < d; i++) mean[i]! += vector[i]! / n;
  const centred = new Float32Array(n * d);
  vectors.forEach((vector, row) =>
    centred.set(
      vector.map((value, i) => value - mean[i]!),
      row * d,
    ),
  );
  const totalVariance = centred.reduce((sum, value) => sum + value * value, 0) / n;

  const program = trace({ x: { shape: [n, d] }, q: { shape: [d, k] } }, (_, { x, q }) => ({
    next: ops.matmul(ops.swapLast(x), ops.matmul(x, q)),
  }));
  const executable = await engine.compile(program);
  const x = engine.upload(centred, [n, d]);
  let basis = randomStream(0).normal(d * k);
  orthonormalize(basis, d, k);
  let variances = new Float32Array(k);
  for (let round = 0; round < ROUNDS; round++) {
    const q = engine.upload(basis, [d, k]);
    const { next } = await executable.run({ x, q });
    const product = Float32Array.from((await next!.read()) as Float32Array);
    // Of an eigenvector, the product is λ·n times itself.
    variances = Float32Array.from({ length: k }, (_, column) => {
      let dot = 0;
      for (let i = 0; i < d; i++) dot += product[i * k + column]! * basis[i * k + column]!;
      return dot / n;
    });
    next!.dispose();
    q.dispose();
    orthonormalize(product, d, k);
    basis = product;
  }
  x.dispose();
  await executable.dispose();
  return {
    mean,
    basis: Float32Array.from({ length: d * count }, (_, i) => basis[Math.floor(i / count) * k + (i % count)]!),
    variances: variances.slice(0, count),
    totalVariance,
  };
}
