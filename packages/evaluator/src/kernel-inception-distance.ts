import { requirePair, takeRows, type FeatureMatrix } from './feature-matrix.js';
import { polynomialMmd2, type PolynomialKernel } from './maximum-mean-discrepancy.js';
import { numpyRandomState } from './random-state.js';

/** KID of two sets. */
export interface KernelInceptionDistance {
  readonly mean: number;
  /** Over subsets, divided by their number. */
  readonly standardDeviation: number;
  readonly perSubset: Float64Array;
}

/** Rows of one subset of each set. */
export interface SubsetPair {
  readonly rows1: ArrayLike<number>;
  readonly rows2: ArrayLike<number>;
}

/**
 * Kernel Inception distance (Bińkowski et al. 2018): the unbiased MMD² under (x·y/d + 1)³, averaged over random subsets.
 * The defaults are torch-fidelity's (100 subsets of 1,000, `RandomState(2020)`, the first set drawn first), so the numbers are too;
 * clean-fid takes min(N₁, N₂, 1000) rows and an unseeded stream.
 *
 * @param options.drawn subsets given by hand instead of `subsets`, `subsetSize` and `seed`.
 * @throws RangeError when a subset is larger than a set, or smaller than two rows.
 */
export function kernelInceptionDistance(
  features1: FeatureMatrix,
  features2: FeatureMatrix,
  options: {
    subsets?: number;
    subsetSize?: number;
    seed?: number;
    kernel?: PolynomialKernel;
    drawn?: Iterable<SubsetPair>;
  } = {},
): KernelInceptionDistance {
  requirePair('kernelInceptionDistance', [features1, features2], 2);
  const { subsets = 100, subsetSize = 1000, seed = 2020, kernel } = options;
  const counts = [features1.rows, features2.rows] as const;
  const pairs = options.drawn ?? drawSubsets(counts, { subsets, subsetSize, seed });
  const perSubset = Float64Array.from(pairs, ({ rows1, rows2 }) =>
    polynomialMmd2(takeRows(features1, rows1), takeRows(features2, rows2), { kernel }),
  );
  return { ...meanAndDeviation(perSubset), perSubset };
}

function* drawSubsets(
  counts: readonly [number, number],
  options: { subsets: number; subsetSize: number; seed: number },
): Generator<SubsetPair> {
  const { subsets, subsetSize, seed } = options;
  const most = Math.min(...counts);
  if (!Number.isInteger(subsetSize) || subsetSize < 2 || subsetSize > most) {
    throw new RangeError(`kernelInceptionDistance: subsetSize must be an integer from 2 to ${most}, got ${subsetSize}`);
  }
  if (!Number.isInteger(subsets) || subsets < 1) {
    throw new RangeError(`kernelInceptionDistance: subsets must be a positive integer, got ${subsets}`);
  }
  const random = numpyRandomState(seed);
  for (let i = 0; i < subsets; i++) {
    const rows1 = random.permutation(counts[0]).subarray(0, subsetSize);
    yield { rows1, rows2: random.permutation(counts[1]).subarray(0, subsetSize) };
  }
}

/** Mean and population standard deviation. */
export function meanAndDeviation(values: Float64Array): { mean: number; standardDeviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, standardDeviation: Math.sqrt(variance) };
}
