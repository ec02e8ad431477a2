import type { RowProducts } from '@lascaux/nn/onnx';
import { centredPair, type CentredRows } from './centred-rows.js';
import { sliceRows, type FeatureMatrix } from './feature-matrix.js';
import type { ResolvedKernel } from './maximum-mean-discrepancy.js';

/** Rows of one subset of each set. */
export interface SubsetPair {
  readonly rows1: ArrayLike<number>;
  readonly rows2: ArrayLike<number>;
}

/** How kernels are summed. */
export interface KernelSumOptions {
  readonly products: RowProducts;
  readonly kernel: ResolvedKernel;
  readonly signal?: AbortSignal | undefined;
}

/** Rows whose products with a whole set are held at a time. */
const BLOCK = 256;

/**
 * The unbiased MMD² of every pair of subsets. Each product of two rows is computed once, however many subsets both are in; memory holds
 * the products of a block of rows.
 * Why: docs/decisions/0098.
 */
export async function subsetDiscrepancies(
  sets: readonly [FeatureMatrix, FeatureMatrix],
  pairs: readonly SubsetPair[],
  options: KernelSumOptions,
): Promise<Float64Array> {
  const [first, second] = centredPair(...sets);
  const subsets1 = pairs.map(({ rows1 }) => Int32Array.from(rows1).sort());
  const subsets2 = pairs.map(({ rows2 }) => Int32Array.from(rows2).sort());
  const within1 = await withinSums(first, subsets1, options);
  const within2 = await withinSums(second, subsets2, options);
  const cross = await crossSums([first, second], [subsets1, subsets2], options);
  return cross.map((sum, s) => {
    const [m, n] = [subsets1[s]!.length, subsets2[s]!.length];
    return (2 * within1[s]!) / (m * (m - 1)) + (2 * within2[s]!) / (n * (n - 1)) - (2 * sum) / (m * n);
  });
}

/** For each subset, the kernel's sum over pairs of different places in it, each pair once. */
async function withinSums(
  { moved: set, offsets, square }: CentredRows,
  subsets: readonly Int32Array[],
  { products, kernel, signal }: KernelSumOptions,
): Promise<Float64Array> {
  const sums = new Float64Array(subsets.length);
  const places = new Int32Array(subsets.length);
  for (let start = 0; start < set.rows; start += BLOCK) {
    signal?.throwIfAborted();
    const stop = Math.min(start + BLOCK, set.rows);
    const block = await products.multiply(rowsOf(set, start, stop), rowsOf(set, 0, stop), set.columns);
    subsets.forEach((rows, s) => {
      let place = places[s]!;
      for (; place < rows.length && rows[place]! < stop; place++)
        sums[s]! += kernelSum(kernel, {
          ...{ products: block, offset: (rows[place]! - start) * stop, columns: rows, count: place },
          ...{ rowOffset: offsets[rows[place]!]! + square, columnOffsets: offsets },
        });
      places[s] = place;
    });
  }
  return sums;
}

/** For each pair of subsets, the kernel's sum over all pairs. */
async function crossSums(
  [first, second]: readonly [CentredRows, CentredRows],
  [subsets1, subsets2]: readonly [readonly Int32Array[], readonly Int32Array[]],
  { products, kernel, signal }: KernelSumOptions,
): Promise<Float64Array> {
  const sums = new Float64Array(subsets1.length);
  const places = new Int32Array(subsets1.length);
  const { rows: height, columns: width } = first.moved;
  const secondRows = second.moved.rows;
  for (let start = 0; start < height; start += BLOCK) {
    signal?.throwIfAborted();
    const stop = Math.min(start + BLOCK, height);
    const block = await products.multiply(rowsOf(first.moved, start, stop), second.moved.data, width);
    subsets1.forEach((rows, s) => {
      let place = places[s]!;
      const columns = subsets2[s]!;
      for (; place < rows.length && rows[place]! < stop; place++)
        sums[s]! += kernelSum(kernel, {
          ...{ products: block, offset: (rows[place]! - start) * secondRows, columns, count: columns.length },
          ...{ rowOffset: first.offsets[rows[place]!]! + first.square, columnOffsets: second.offsets },
        });
      places[s] = place;
    });
  }
  return sums;
}

const rowsOf = (set: FeatureMatrix, start: number, stop: number) => sliceRows(set, start, stop).data;

interface Row {
  readonly products: Float32Array | Float64Array;
  /** Where the row begins among the products. */
  readonly offset: number;
  /** Columns that are summed, the first `count` of them. */
  readonly columns: Int32Array;
  readonly count: number;
  /** What centring took from the row's products, and from each column's. */
  readonly rowOffset: number;
  readonly columnOffsets: Float64Array;
}

/** Σ k(x, y) of one row x with the named columns y. */
function kernelSum(
  { degree, gamma, coefficient }: ResolvedKernel,
  { products, offset, columns, count, rowOffset, columnOffsets }: Row,
): number {
  let sum = 0;
  const constant = gamma * rowOffset + coefficient;
  for (let p = 0; p < count; p++) {
    const column = columns[p]!;
    const base = gamma * (products[offset + column]! + columnOffsets[column]!) + constant;
    sum += degree === 3 ? base * base * base : base ** degree;
  }
  return sum;
}
