import { compileKernel, op, type Kernel } from './web-assembly.js';

/** A symmetric tridiagonal matrix: `diagonal[i]` = T(i, i), `below[i]` = T(i, i−1); `below[0]` is 0. */
export interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly below: Float64Array;
}

/**
 * Orthogonally similar tridiagonal form of a symmetric matrix (row-major, lower triangle read, not changed), by
 * Householder reflections from the last row upwards (Golub & Van Loan, Matrix Computations, 8.3.1).
 *
 * One pass over the matrix applies the rank-2 update A ← A − u wᵀ − w uᵀ of the previous reflection and multiplies the
 * result with the next vector, p = A v, so the matrix travels through the caches once for each reflection, not twice.
 */
export function tridiagonalise(matrix: Float64Array, size: number): Tridiagonal {
  const state = openState(matrix, size);
  const [diagonal, below] = [new Float64Array(size), new Float64Array(size)];
  for (let l = size - 1; l > 0; l--) {
    const row = finishRow(state, l);
    diagonal[l] = row[l] ?? 0;
    const reflection = reflect(state.v, row, l);
    below[l] = reflection.corner;
    updateAndMultiply(state, l);
    prepareUpdate(state, l, reflection.scale);
  }
  diagonal[0] = finishRow(state, 0)[0] ?? 0;
  return { diagonal, below };
}

interface State {
  readonly kernel: Kernel;
  readonly a: Float64Array;
  /** Elements from the start of one row to the next, even. */
  readonly stride: number;
  /** u, w: pending update; v: next vector; p: its product. u and v change places. */
  u: Float64Array;
  v: Float64Array;
  readonly w: Float64Array;
  readonly p: Float64Array;
  /** In: u, w, v at rows i and i+1; out: two partial dot products for each of the two rows. */
  readonly exchange: Float64Array;
}

function openState(matrix: Float64Array, size: number): State {
  const stride = size + (size % 2);
  const cells = stride * stride;
  const kernel = compileKernel({
    parameters: 8,
    vectors: 13,
    body: rowPairBody(),
    memoryBytes: 8 * (cells + 4 * stride + 8),
  });
  const a = new Float64Array(kernel.buffer, 0, cells);
  for (let i = 0; i < size; i++) a.set(matrix.subarray(i * size, i * size + i + 1), i * stride);
  const vector = (i: number): Float64Array => new Float64Array(kernel.buffer, 8 * (cells + i * stride), stride);
  const exchange = new Float64Array(kernel.buffer, 8 * (cells + 4 * stride), 8);
  return { kernel, a, stride, u: vector(0), v: vector(1), w: vector(2), p: vector(3), exchange };
}

/** Applies the pending update to row l, columns 0..l. */
function finishRow({ a, stride, u, w }: State, l: number): Float64Array {
  const row = a.subarray(l * stride, l * stride + l + 1);
  const [ul, wl] = [u[l] ?? 0, w[l] ?? 0];
  for (let j = 0; j <= l; j++) row[j] = (row[j] ?? 0) - ul * (w[j] ?? 0) - wl * (u[j] ?? 0);
  return row;
}

/** v, scale with (I − scale·v vᵀ) row = (0, …, 0, corner) over the first l elements; v is zero from l on. */
function reflect(v: Float64Array, row: Float64Array, l: number): { corner: number; scale: number } {
  v.fill(0);
  let squares = 0;
  for (let j = 0; j < l; j++) squares += (row[j] ?? 0) ** 2;
  const last = row[l - 1] ?? 0;
  if (squares === last * last) return { corner: last, scale: 0 };
  const corner = last > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
  for (let j = 0; j < l; j++) v[j] = row[j] ?? 0;
  v[l - 1] = last - corner;
  return { corner, scale: 1 / (squares - last * corner) };
}

/** w = scale·p − ½ scale² (pᵀv) v; then the pending update is A ← A − v wᵀ − w vᵀ. */
function prepareUpdate(state: State, l: number, scale: number): void {
  const { p, v, w } = state;
  let dot = 0;
  for (let j = 0; j < l; j++) dot += (p[j] ?? 0) * (v[j] ?? 0);
  const half = 0.5 * scale * scale * dot;
  w.fill(0);
  for (let j = 0; j < l; j++) w[j] = scale * (p[j] ?? 0) - half * (v[j] ?? 0);
  state.v = state.u;
  state.u = v;
}

/** Rows 0..l−1, two at a time; row l, which an odd l drags along, has zero coefficients by then and stays as it is. */
function updateAndMultiply(state: State, l: number): void {
  const { kernel, stride, u, v, w, p, exchange } = state;
  u[l] = 0;
  w[l] = 0;
  p.fill(0);
  for (let i = 0; i < l; i += 2) {
    exchange.set([u[i] ?? 0, u[i + 1] ?? 0, w[i] ?? 0, w[i + 1] ?? 0, v[i] ?? 0, v[i + 1] ?? 0]);
    const [row0, row1] = [i * stride, (i + 1) * stride];
    diagonalBlock(state, i);
    if (i === 0) continue;
    const bytes = (array: Float64Array): number => array.byteOffset;
    kernel.run(8 * row0, 8 * row1, bytes(u), bytes(w), bytes(v), bytes(p), exchange.byteOffset, i / 2);
    p[i] = (p[i] ?? 0) + (exchange[0] ?? 0) + (exchange[1] ?? 0);
    p[i + 1] = (p[i + 1] ?? 0) + (exchange[2] ?? 0) + (exchange[3] ?? 0);
  }
}

/** The 2×2 block on the diagonal at row i: update and product. */
function diagonalBlock({ a, stride, u, v, w, p }: State, i: number): void {
  const at = i * stride + i;
  const [u0, u1, w0, w1] = [u[i] ?? 0, u[i + 1] ?? 0, w[i] ?? 0, w[i + 1] ?? 0];
  const [v0, v1] = [v[i] ?? 0, v[i + 1] ?? 0];
  const a00 = (a[at] ?? 0) - 2 * u0 * w0;
  const a10 = (a[at + stride] ?? 0) - u1 * w0 - w1 * u0;
  const a11 = (a[at + stride + 1] ?? 0) - 2 * u1 * w1;
  a[at] = a00;
  a[at + stride] = a10;
  a[at + stride + 1] = a11;
  p[i] = (p[i] ?? 0) + a00 * v0 + a10 * v1;
  p[i + 1] = (p[i + 1] ?? 0) + a10 * v0 + a11 * v1;
}

/** For two rows left of the diagonal block: x = a − u_i w_j − w_i u_j; p_j += x v_i; dot_i += x v_j. */
function rowPairBody(): number[] {
  const [row0, row1, u, w, v, p, exchange, count, firstVector] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const at = (i: number): number => firstVector + i;
  const coefficients = [0, 1, 2, 3, 4, 5].map(at);
  const [dot0, dot1, uj, wj, vj, pj, x] = [at(6), at(7), at(8), at(9), at(10), at(11), at(12)];
  const rowStep = (row: number, dot: number, r: number): number[] => {
    const [ui, wi, vi] = [coefficients[r] ?? 0, coefficients[2 + r] ?? 0, coefficients[4 + r] ?? 0];
    return [
      ...[...op.get(row), ...op.get(row), ...op.load(0), ...op.get(ui), ...op.get(wj), ...op.multiply, ...op.subtract],
      ...[...op.get(wi), ...op.get(uj), ...op.multiply, ...op.subtract, ...op.set(x)],
      ...[...op.get(x), ...op.store(0)],
      ...[...op.get(dot), ...op.get(x), ...op.get(vj), ...op.multiply, ...op.add, ...op.set(dot)],
      ...[...op.get(pj), ...op.get(x), ...op.get(vi), ...op.multiply, ...op.add, ...op.set(pj)],
    ];
  };
  const loads = [
    [u, uj],
    [w, wj],
    [v, vj],
    [p, pj],
  ] as const;
  return [
    ...coefficients.flatMap((local, i) => [...op.get(exchange), ...op.loadSplat(8 * i), ...op.set(local)]),
    ...op.loop,
    ...loads.flatMap(([pointer, local]) => [...op.get(pointer), ...op.load(0), ...op.set(local)]),
    ...rowStep(row0, dot0, 0),
    ...rowStep(row1, dot1, 1),
    ...[...op.get(p), ...op.get(pj), ...op.store(0)],
    ...[row0, row1, u, w, v, p].flatMap((pointer) => op.advance(pointer, 16)),
    ...[...op.countDown(count), ...op.repeatIf, ...op.end],
    ...[...op.get(exchange), ...op.get(dot0), ...op.store(0), ...op.get(exchange), ...op.get(dot1), ...op.store(16)],
  ];
}
