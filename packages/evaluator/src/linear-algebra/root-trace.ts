import { choleskySemidefinite } from './cholesky.js';
import { symmetricEigenvalues } from './eigenvalues.js';
import { multiplyAdd, rowMajor, transposed } from './multiply.js';

/**
 * tr (Σ₁Σ₂)^½ of two symmetric positive semidefinite matrices (row-major, `size`×`size`).
 *
 * With Σ₁ = L Lᵀ the product has the eigenvalues of the symmetric Lᵀ Σ₂ L, so no matrix root is needed and singular
 * matrices are no special case. `maximumRank` says how many eigenvalues can differ from zero, where that is known
 * (samples − 1); the rest, which is rounding error under a square root, is left out.
 *
 * @throws LascauxError when an element is not finite.
 */
export function rootProductTrace(
  sigma1: Float64Array,
  sigma2: Float64Array,
  options: { size: number; maximumRank?: number },
): number {
  const { size, maximumRank = size } = options;
  const { factor, order, rank } = choleskySemidefinite(sigma1, size);
  if (rank === 0) return 0;
  const projected = congruence(factor, permuted(sigma2, order), { size, rank });
  return rootSum(symmetricEigenvalues(projected, rank), maximumRank);
}

/**
 * Sum of the singular values of A Bᵀ, for row-major A (`rows1`×`columns`) and B (`rows2`×`columns`): the same trace for
 * Σ₁ = AᵀA and Σ₂ = BᵀB, cheaper where there are fewer rows than columns.
 */
export function crossProductNuclearNorm(
  a: Float64Array,
  b: Float64Array,
  options: { columns: number; maximumRank: number },
): number {
  const { columns, maximumRank } = options;
  const [small, large] = a.length <= b.length ? [a, b] : [b, a];
  const [rows, others] = [small.length / columns, large.length / columns];
  const cross = new Float64Array(rows * others);
  multiplyAdd({
    rows,
    columns: others,
    depth: columns,
    a: rowMajor(small, columns),
    b: transposed(rowMajor(large, columns)),
    c: rowMajor(cross, others),
  });
  const gram = new Float64Array(rows * rows);
  const view = rowMajor(cross, others);
  multiplyAdd({
    rows,
    columns: rows,
    depth: others,
    a: view,
    b: transposed(view),
    c: rowMajor(gram, rows),
    lower: true,
  });
  return rootSum(symmetricEigenvalues(gram, rows), maximumRank);
}

/** Columns of one product in the congruence: what lies above the diagonal of L is skipped in steps of this. */
const BLOCK = 128;

/** Lower triangle of Lᵀ S L, `rank`×`rank`, using that L is zero above its diagonal. */
function congruence(
  factor: Float64Array,
  matrix: Float64Array,
  { size, rank }: { size: number; rank: number },
): Float64Array {
  const result = new Float64Array(rank * rank);
  for (let start = 0; start < rank; start += BLOCK) {
    const columns = Math.min(BLOCK, rank - start);
    const product = new Float64Array(size * columns);
    const lower = rowMajor(factor, size, start * size + start);
    const right = rowMajor(matrix, size, start);
    multiplyAdd({ rows: size, columns, depth: size - start, a: right, b: lower, c: rowMajor(product, columns) });
    for (let top = start; top < rank; top += BLOCK) {
      const rows = Math.min(BLOCK, rank - top);
      multiplyAdd({
        rows,
        columns,
        depth: size - top,
        a: transposed(rowMajor(factor, size, top * size + top)),
        b: rowMajor(product, columns, top * columns),
        c: rowMajor(result, rank, top * rank + start),
      });
    }
  }
  return result;
}

function permuted(matrix: Float64Array, order: Int32Array): Float64Array {
  const size = order.length;
  const result = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = (order[i] ?? 0) * size;
    for (let j = 0; j < size; j++) result[i * size + j] = matrix[row + (order[j] ?? 0)] ?? 0;
  }
  return result;
}

function rootSum(descending: Float64Array, count: number): number {
  return descending.subarray(0, count).reduce((sum, value) => sum + Math.sqrt(Math.max(value, 0)), 0);
}
