import { LascauxError } from '@lascaux/nn';
import { openRowProducts, type RowProducts } from '@lascaux/nn/onnx';
import { centredPair, productType } from './centred-rows.js';
import { sliceRows, type FeatureMatrix } from './feature-matrix.js';
import { squaredLengths } from './rows.js';
import { smallestValues } from './smallest.js';

/** Generated and real rows. */
export interface ManifoldPair {
  readonly generated: FeatureMatrix;
  readonly real: FeatureMatrix;
}

/** How distances are computed. */
export interface ManifoldOptions {
  /** Threads of the products; ONNX Runtime's choice by default. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Distances within and between both sets, moved so that the real ones' mean is the origin, where differences lose the fewest digits.
 * Products are computed in the features' precision by ONNX Runtime.
 */
export interface Manifolds extends ManifoldPair {
  /** Squared distance of each row of a set to its k-th nearest other row, for each k. @throws LascauxError unless 1 ≤ k < rows. */
  readonly radii: (set: FeatureMatrix, ks: readonly number[]) => Promise<Float64Array[]>;
  /** Visits the squared distances of each generated row to all real ones; the array is the visitor's. */
  readonly forEachGenerated: (visit: (distances: Float64Array, row: number) => void) => Promise<void>;
}

/** Rows whose distances to a whole set are held at a time. */
const BLOCK = 256;
/** Share of |a|² + |b|² below which a squared distance is computed from the differences: copies must be at distance 0. */
const NEAR = 1e-4;

/** Opens the product, hands over both sets, and closes it. */
export async function withManifolds<T>(
  sets: ManifoldPair,
  { threads, signal }: ManifoldOptions,
  work: (manifolds: Manifolds) => Promise<T>,
): Promise<T> {
  const [{ moved: real }, { moved: generated }] = centredPair(sets.real, sets.generated);
  const products = await openRowProducts({ dtype: productType(sets.real, sets.generated), threads });
  const options = { products, signal };
  try {
    return await work({
      generated,
      real,
      radii: (set, ks) => radii(set, ks, options),
      forEachGenerated: async (visit) => {
        for await (const { distances, start, rows } of blocks(generated, real, options))
          for (let i = 0; i < rows; i++) visit(distances.subarray(i * real.rows, (i + 1) * real.rows), start + i);
      },
    });
  } finally {
    await products.dispose();
  }
}

interface BlockOptions {
  readonly products: RowProducts;
  readonly signal: AbortSignal | undefined;
  /** Distances to the block itself and to what lies before it only. */
  readonly isLower?: boolean;
}

/** Squared distances |a|² + |b|² − 2 a·b of a block of rows of `a` after the other to rows of `b`. */
async function* blocks(a: FeatureMatrix, b: FeatureMatrix, { products, signal, isLower = false }: BlockOptions) {
  const [lengthsA, lengthsB] = [squaredLengths(a), squaredLengths(b)];
  for (let start = 0; start < a.rows; start += BLOCK) {
    signal?.throwIfAborted();
    const stop = Math.min(start + BLOCK, a.rows);
    const columns = isLower ? stop : b.rows;
    const [rowsA, rowsB] = [sliceRows(a, start, stop).data, sliceRows(b, 0, columns).data];
    const dots = await products.multiply(rowsA, rowsB, a.columns);
    const distances = new Float64Array(dots.length);
    for (let i = 0; i < stop - start; i++) {
      for (let j = 0; j < columns; j++) {
        const lengths = lengthsA[start + i]! + lengthsB[j]!;
        const distance = lengths - 2 * dots[i * columns + j]!;
        distances[i * columns + j] = distance < NEAR * lengths ? squaredDistance(a, start + i, [b, j]) : distance;
      }
    }
    yield { distances, start, rows: stop - start, columns };
  }
}

function squaredDistance(a: FeatureMatrix, i: number, [b, j]: readonly [FeatureMatrix, number]): number {
  const { columns } = a;
  let sum = 0;
  for (let c = 0; c < columns; c++) sum += (a.data[i * columns + c]! - b.data[j * columns + c]!) ** 2;
  return sum;
}

/** Each distance is computed once and counts for both of its rows. */
async function radii(set: FeatureMatrix, ks: readonly number[], options: BlockOptions): Promise<Float64Array[]> {
  const bad = ks.find((k) => !Number.isInteger(k) || k < 1 || k >= set.rows);
  if (bad !== undefined)
    throw new LascauxError({
      operation: 'nearest neighbours',
      rule: `k must be an integer from 1 to ${set.rows - 1}`,
      value: bad,
    });
  const nearest = smallestValues(set.rows, Math.max(...ks));
  for await (const { distances, start, rows, columns } of blocks(set, set, { ...options, isLower: true })) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < start + i; j++) {
        const distance = distances[i * columns + j]!;
        nearest.offer(start + i, distance);
        nearest.offer(j, distance);
      }
    }
  }
  return ks.map((k) => nearest.kth(k));
}
