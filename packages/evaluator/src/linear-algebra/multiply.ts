import { compileKernel, op, type Kernel } from './web-assembly.js';

/** A matrix seen in an array: element (i, j) is at `offset + i·rowStride + j·columnStride`. */
export interface MatrixView {
  readonly data: Float64Array;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Tile edge of the kernel, rows of A in one block, and the shared dimension of one block (A's block fits in the L2 cache). */
const TILE = 4;
const ROWS = 96;
const DEPTH = 256;
const COLUMNS = 1024;

interface Workspace {
  readonly kernel: Kernel;
  readonly packedA: Float64Array;
  readonly packedB: Float64Array;
  readonly tile: Float64Array;
}

let workspace: Workspace | undefined;

/** 4×4 tile = Σ_k a[k][0..3]ᵀ b[k][0..3] of packed panels, two doubles at a time. */
function tileKernelBody(): number[] {
  const [a, b, out, depth, firstVector] = [0, 1, 2, 3, 4];
  const sums = Array.from({ length: 8 }, (_, i) => firstVector + i);
  const [b0, b1, ai] = [firstVector + 8, firstVector + 9, firstVector + 10];
  const step = [0, 1, 2, 3].flatMap((i) => [
    ...[...op.get(a), ...op.loadSplat(8 * i), ...op.set(ai)],
    ...[b0, b1].flatMap((bj, j) => {
      const sum = sums[2 * i + j] ?? 0;
      return [...op.get(sum), ...op.get(ai), ...op.get(bj), ...op.multiply, ...op.add, ...op.set(sum)];
    }),
  ]);
  return [
    ...op.loop,
    ...[...op.get(b), ...op.load(0), ...op.set(b0), ...op.get(b), ...op.load(16), ...op.set(b1)],
    ...step,
    ...[...op.advance(a, 32), ...op.advance(b, 32)],
    ...[...op.countDown(depth), ...op.repeatIf, ...op.end],
    ...sums.flatMap((sum, i) => [...op.get(out), ...op.get(sum), ...op.store(16 * i)]),
  ];
}

function openWorkspace(): Workspace {
  if (workspace) return workspace;
  const [lengthA, lengthB] = [ROWS * DEPTH, COLUMNS * DEPTH];
  const kernel = compileKernel({
    parameters: 4,
    vectors: 11,
    body: tileKernelBody(),
    memoryBytes: 8 * (lengthA + lengthB + TILE * TILE),
  });
  workspace = {
    kernel,
    packedA: new Float64Array(kernel.buffer, 0, lengthA),
    packedB: new Float64Array(kernel.buffer, 8 * lengthA, lengthB),
    tile: new Float64Array(kernel.buffer, 8 * (lengthA + lengthB), TILE * TILE),
  };
  return workspace;
}

interface Lines {
  readonly source: Float64Array;
  readonly start: number;
  /** Elements from one line to the next, and from one element of a line to the next. */
  readonly stride: number;
  readonly step: number;
  readonly count: number;
  readonly length: number;
}

/** Copies lines into panels of four, [panel][element][line], zero-padded. */
function pack(target: Float64Array, { source, start, stride, step, count, length }: Lines): void {
  let out = 0;
  for (let panel = 0; panel < count; panel += TILE) {
    for (let k = 0; k < length; k++) {
      const from = start + panel * stride + k * step;
      for (let t = 0; t < TILE; t++) target[out++] = panel + t < count ? (source[from + t * stride] ?? 0) : 0;
    }
  }
}

/**
 * C ← C + scale·A·B in float64, A of `rows`×`depth`, B of `depth`×`columns`, blocked for the caches and two doubles
 * at a time in WebAssembly. With `lower` only tiles that touch the lower triangle of C are computed, so what stands
 * above the diagonal is unspecified.
 */
export function multiplyAdd(options: {
  rows: number;
  columns: number;
  depth: number;
  a: MatrixView;
  b: MatrixView;
  c: MatrixView;
  scale?: number;
  lower?: boolean;
}): void {
  const { rows, columns, depth, a, b, c, scale = 1, lower = false } = options;
  const { packedA, packedB } = openWorkspace();
  for (let j0 = 0; j0 < columns; j0 += COLUMNS) {
    const width = Math.min(COLUMNS, columns - j0);
    for (let k0 = 0; k0 < depth; k0 += DEPTH) {
      const length = Math.min(DEPTH, depth - k0);
      const startB = b.offset + k0 * b.rowStride + j0 * b.columnStride;
      const [columnsOfB, rowsOfA] = [
        { stride: b.columnStride, step: b.rowStride },
        { stride: a.rowStride, step: a.columnStride },
      ];
      pack(packedB, { source: b.data, start: startB, ...columnsOfB, count: width, length });
      for (let i0 = lower ? j0 - (j0 % ROWS) : 0; i0 < rows; i0 += ROWS) {
        const height = Math.min(ROWS, rows - i0);
        const startA = a.offset + i0 * a.rowStride + k0 * a.columnStride;
        pack(packedA, { source: a.data, start: startA, ...rowsOfA, count: height, length });
        addTiles(c, { i0, j0, height, width, length, scale, lower });
      }
    }
  }
}

interface TileRange {
  i0: number;
  j0: number;
  height: number;
  width: number;
  length: number;
  scale: number;
  lower: boolean;
}

function addTiles(c: MatrixView, range: TileRange): void {
  const { kernel, packedA, packedB, tile } = openWorkspace();
  const { i0, j0, height, width, length, scale, lower } = range;
  for (let j = 0; j < width; j += TILE) {
    for (let i = 0; i < height; i += TILE) {
      if (lower && i0 + i + TILE <= j0 + j) continue;
      kernel.run(packedA.byteOffset + 8 * i * length, packedB.byteOffset + 8 * j * length, tile.byteOffset, length);
      const corner = c.offset + (i0 + i) * c.rowStride + (j0 + j) * c.columnStride;
      const [tileRows, tileColumns] = [Math.min(TILE, height - i), Math.min(TILE, width - j)];
      for (let r = 0; r < tileRows; r++) {
        for (let s = 0; s < tileColumns; s++) {
          const at = corner + r * c.rowStride + s * c.columnStride;
          c.data[at] = (c.data[at] ?? 0) + scale * (tile[TILE * r + s] ?? 0);
        }
      }
    }
  }
}

/** View of a row-major matrix with `columns` columns. */
export function rowMajor(data: Float64Array, columns: number, offset = 0): MatrixView {
  return { data, offset, rowStride: columns, columnStride: 1 };
}

/** The same elements with rows and columns exchanged. */
export function transposed(view: MatrixView): MatrixView {
  return { ...view, rowStride: view.columnStride, columnStride: view.rowStride };
}
