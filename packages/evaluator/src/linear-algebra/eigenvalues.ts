import { LascauxError } from '@lascaux/nn';
import { tridiagonalise, type Tridiagonal } from './tridiagonal.js';

/** Sweeps after which one eigenvalue is given up; three are usual, EISPACK allows 30. */
const MAXIMUM_SWEEPS = 60;

/**
 * Eigenvalues, largest first, of a symmetric matrix in float64 (row-major, `size`×`size`; only the lower triangle is
 * read). Absolute error about 2⁻⁵²·size·‖A‖.
 *
 * @throws LascauxError when the matrix holds NaN or infinity, or an eigenvalue does not converge.
 */
export function symmetricEigenvalues(matrix: Float64Array, size: number): Float64Array {
  let largest = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const magnitude = Math.abs(matrix[i * size + j] ?? 0);
      if (!(magnitude < Infinity))
        throw new LascauxError({
          operation: 'symmetricEigenvalues',
          rule: `elements must be finite, got ${String(matrix[i * size + j])} at (${i}, ${j})`,
        });
      if (magnitude > largest) largest = magnitude;
    }
  }
  if (largest === 0) return new Float64Array(size);
  const values = tridiagonalEigenvalues(
    tridiagonalise(
      matrix.map((element) => element / largest),
      size,
    ),
  );
  return values.map((value) => value * largest).sort((a, b) => b - a);
}

/**
 * Eigenvalues of a symmetric tridiagonal matrix, in no order, by the implicit QL method (Dubrulle, Martin & Wilkinson,
 * Numerische Mathematik 12, 1968; `imtql1` of EISPACK).
 *
 * @throws LascauxError when one does not converge within 60 sweeps.
 */
export function tridiagonalEigenvalues({ diagonal, below }: Tridiagonal): Float64Array {
  const d = diagonal.slice();
  const e = new Float64Array(d.length);
  e.set(below.subarray(1));
  for (let l = 0; l < d.length; l++) {
    for (let sweep = 0; ; sweep++) {
      const m = firstSplit(d, e, l);
      if (m === l) break;
      if (sweep === MAXIMUM_SWEEPS)
        throw new LascauxError({
          operation: 'tridiagonalEigenvalues',
          rule: `${MAXIMUM_SWEEPS} sweeps must suffice, got no convergence at ${l}`,
        });
      sweepQl(d, e, [l, m]);
    }
  }
  return d;
}

/** The first index m ≥ l whose coupling e[m] to m + 1 is negligible. */
function firstSplit(d: Float64Array, e: Float64Array, l: number): number {
  let m = l;
  for (; m < d.length - 1; m++) {
    const scale = Math.abs(d[m] ?? 0) + Math.abs(d[m + 1] ?? 0);
    if (scale + Math.abs(e[m] ?? 0) === scale) break;
  }
  return m;
}

/** One QL sweep with Wilkinson's shift over the unreduced block l..m. */
function sweepQl(d: Float64Array, e: Float64Array, [l, m]: readonly [number, number]): void {
  const [dl, el] = [d[l] ?? 0, e[l] ?? 0];
  const half = ((d[l + 1] ?? 0) - dl) / (2 * el);
  const root = Math.hypot(half, 1);
  let g = (d[m] ?? 0) - dl + el / (half + (half < 0 ? -root : root));
  let [s, c, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = s * (e[i] ?? 0);
    const b = c * (e[i] ?? 0);
    const r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] = (d[i + 1] ?? 0) - p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = (d[i + 1] ?? 0) - p;
    const t = ((d[i] ?? 0) - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
  }
  d[l] = (d[l] ?? 0) - p;
  e[l] = g;
  e[m] = 0;
}
