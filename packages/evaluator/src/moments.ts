import { LascauxError } from '@lascaux/nn';
import { requireFeatures, sliceRows, type FeatureMatrix } from './feature-matrix.js';
import { multiplyAdd, rowMajor, transposed } from './linear-algebra/multiply.js';

/** Mean and covariance of features: what FID compares, and what an `.npz` statistics file holds. */
export interface FeatureMoments {
  /** `dimensions` values. */
  readonly mean: Float64Array;
  /** Symmetric, row-major `dimensions`×`dimensions`, divided by N − 1. */
  readonly covariance: Float64Array;
  /** Number of samples, where known (statistics files do not say). */
  readonly count?: number;
}

/** Collects mean and covariance batch by batch, so that memory does not grow with the number of samples. */
export interface MomentsAccumulator {
  /** Samples seen. */
  readonly count: number;
  /** Adds a batch. @throws LascauxError on another number of columns or a value that is not finite. */
  add(batch: FeatureMatrix): void;
  /** @throws LascauxError with fewer than two samples. */
  moments(): FeatureMoments;
}

/**
 * Streaming moments in float64 by pairwise merging: each batch is centred on its own mean, then
 * C ← C + C_b + δδᵀ·n·n_b/(n+n_b) (Chan, Golub & LeVeque, "Updating formulae and a pairwise algorithm", 1979).
 */
export function createMomentsAccumulator(dimensions: number): MomentsAccumulator {
  const mean = new Float64Array(dimensions);
  /** Sum of squared deviations; only the lower triangle is kept up to date. */
  const scatter = new Float64Array(dimensions * dimensions);
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(batch) {
      requireFeatures('moments', batch);
      if (batch.columns !== dimensions)
        throw new LascauxError({
          operation: 'moments',
          rule: `batches must have ${dimensions} columns`,
          value: batch.columns,
        });
      const centred = centre(batch);
      addGram(scatter, centred.data, dimensions);
      const total = count + batch.rows;
      const shift = centred.mean.map((value, j) => value - (mean[j] ?? 0));
      if (count > 0) addOuter(scatter, shift, (count * batch.rows) / total);
      for (let j = 0; j < dimensions; j++) mean[j] = (mean[j] ?? 0) + ((shift[j] ?? 0) * batch.rows) / total;
      count = total;
    },
    moments() {
      if (count < 2)
        throw new LascauxError({
          operation: 'moments',
          rule: 'at least 2 samples are needed for a covariance',
          value: count,
        });
      return { mean: mean.slice(), covariance: symmetric(scatter, dimensions, 1 / (count - 1)), count };
    },
  };
}

/** Rows that are widened to float64 at a time. */
const BATCH = 2048;

/** Mean and covariance (N − 1) of all rows. @throws LascauxError with fewer than two rows or values that are not finite. */
export function momentsOf(features: FeatureMatrix): FeatureMoments {
  const accumulator = createMomentsAccumulator(features.columns);
  for (let start = 0; start < features.rows; start += BATCH) {
    accumulator.add(sliceRows(features, start, Math.min(start + BATCH, features.rows)));
  }
  return accumulator.moments();
}

/** Column means, and the rows minus them, in float64. */
export function centre({ data, rows, columns }: FeatureMatrix): { mean: Float64Array; data: Float64Array } {
  const mean = new Float64Array(columns);
  for (let i = 0; i < data.length; i += columns) {
    for (let j = 0; j < columns; j++) mean[j] = (mean[j] ?? 0) + (data[i + j] ?? 0);
  }
  for (let j = 0; j < columns; j++) mean[j] = (mean[j] ?? 0) / rows;
  const centred = new Float64Array(data.length);
  for (let i = 0; i < data.length; i += columns) {
    for (let j = 0; j < columns; j++) centred[i + j] = (data[i + j] ?? 0) - (mean[j] ?? 0);
  }
  return { mean, data: centred };
}

/** Lower triangle of target += XᵀX. */
function addGram(target: Float64Array, x: Float64Array, columns: number): void {
  const view = rowMajor(x, columns);
  const c = rowMajor(target, columns);
  multiplyAdd({ rows: columns, columns, depth: x.length / columns, a: transposed(view), b: view, c, lower: true });
}

function addOuter(target: Float64Array, vector: Float64Array, scale: number): void {
  const n = vector.length;
  for (let i = 0; i < n; i++) {
    const factor = scale * (vector[i] ?? 0);
    for (let j = 0; j <= i; j++) target[i * n + j] = (target[i * n + j] ?? 0) + factor * (vector[j] ?? 0);
  }
}

/** Scaled copy with the lower triangle mirrored. */
function symmetric(lower: Float64Array, n: number, scale: number): Float64Array {
  const full = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) full[i * n + j] = full[j * n + i] = (lower[i * n + j] ?? 0) * scale;
  }
  return full;
}
