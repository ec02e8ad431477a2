import { multiplyAdd, rowMajor, transposed } from './multiply.js';

/** Σ[order, order] = L Lᵀ up to what lies below the tolerance. */
export interface SemidefiniteFactor {
  /** Lower trapezoid, `size`×`rank`, row-major with `size` elements a row; zero above the diagonal. */
  readonly factor: Float64Array;
  /** Row i of the factor belongs to row `order[i]` of Σ. */
  readonly order: Int32Array;
  readonly rank: number;
}

const BLOCK = 64;

/**
 * Cholesky factor with diagonal pivoting of a symmetric positive semidefinite matrix (row-major, `size`×`size`, only
 * read). It stops when no remaining pivot exceeds size·2⁻⁵²·(largest diagonal element), so a singular matrix gives a
 * factor of lower rank instead of a failure. Blocked after Lucas, "LAPACK-style codes for level 2 and 3 pivoted
 * Cholesky factorizations" (2004).
 */
export function choleskySemidefinite(matrix: Float64Array, size: number): SemidefiniteFactor {
  const a = matrix.slice();
  const order = Int32Array.from({ length: size }, (_, i) => i);
  const largest = order.reduce((most, i) => Math.max(most, a[i * size + i] ?? 0), 0);
  const tolerance = size * 2 ** -52 * largest;
  let rank = size;
  for (let start = 0; start < rank; start += BLOCK) {
    const stop = Math.min(start + BLOCK, size);
    const done = factorPanel(a, order, { size, start, stop, tolerance });
    if (done < stop) rank = done;
    else subtractPanel(a, { size, start, stop });
  }
  clearOutside(a, size, rank);
  return { factor: a, order, rank };
}

interface Panel {
  size: number;
  start: number;
  stop: number;
}

/** Factors columns start..stop of the trailing matrix; returns the column at which the pivots ran out, or stop. */
function factorPanel(a: Float64Array, order: Int32Array, panel: Panel & { tolerance: number }): number {
  const { size, start, stop, tolerance } = panel;
  const remaining = new Float64Array(size);
  for (let i = start; i < size; i++) remaining[i] = a[i * size + i] ?? 0;
  for (let j = start; j < stop; j++) {
    if (j > start) {
      for (let i = j; i < size; i++) remaining[i] = (remaining[i] ?? 0) - (a[i * size + j - 1] ?? 0) ** 2;
    }
    let pivot = j;
    for (let i = j + 1; i < size; i++) if ((remaining[i] ?? 0) > (remaining[pivot] ?? 0)) pivot = i;
    if (!((remaining[pivot] ?? 0) > tolerance)) return j;
    if (pivot !== j) {
      exchange(a, size, [j, pivot]);
      [order[j], order[pivot]] = [order[pivot] ?? 0, order[j] ?? 0];
      [remaining[j], remaining[pivot]] = [remaining[pivot] ?? 0, remaining[j] ?? 0];
    }
    const diagonal = Math.sqrt(remaining[j] ?? 0);
    a[j * size + j] = diagonal;
    for (let i = j + 1; i < size; i++) {
      let sum = a[i * size + j] ?? 0;
      for (let k = start; k < j; k++) sum -= (a[i * size + k] ?? 0) * (a[j * size + k] ?? 0);
      a[i * size + j] = sum / diagonal;
    }
  }
  return stop;
}

/** Exchanges rows and columns j < p of the symmetric matrix held in the lower triangle, and of the factor left of it. */
function exchange(a: Float64Array, size: number, [j, p]: readonly [number, number]): void {
  const swap = (x: number, y: number): void => {
    [a[x], a[y]] = [a[y] ?? 0, a[x] ?? 0];
  };
  swap(j * size + j, p * size + p);
  for (let k = 0; k < j; k++) swap(j * size + k, p * size + k);
  for (let k = j + 1; k < p; k++) swap(k * size + j, p * size + k);
  for (let k = p + 1; k < size; k++) swap(k * size + j, k * size + p);
}

/** Trailing lower triangle −= panel · panelᵀ. */
function subtractPanel(a: Float64Array, { size, start, stop }: Panel): void {
  const rest = size - stop;
  if (rest === 0) return;
  const panel = rowMajor(a, size, stop * size + start);
  multiplyAdd({
    rows: rest,
    columns: rest,
    depth: stop - start,
    a: panel,
    b: transposed(panel),
    c: rowMajor(a, size, stop * size + stop),
    scale: -1,
    lower: true,
  });
}

function clearOutside(a: Float64Array, size: number, rank: number): void {
  for (let i = 0; i < size; i++) a.fill(0, i * size + Math.min(i + 1, rank), (i + 1) * size);
}
