import { LascauxError } from '@lascaux/nn';
import { requirePair, type FeatureMatrix } from './feature-matrix.js';
import { crossProductNuclearNorm, rootProductTrace } from './linear-algebra/root-trace.js';
import { centre, momentsOf, type FeatureMoments } from './moments.js';

/**
 * Fréchet distance of two sets of features, |μ₁−μ₂|² + tr Σ₁ + tr Σ₂ − 2 tr(Σ₁Σ₂)^½ (Heusel et al. 2017, eq. 6), in
 * float64 with covariances over N − 1. With Inception features this is FID.
 *
 * The trace comes from symmetric eigenvalues, never from a matrix root: it needs no regularisation and does not fail
 * for singular covariances (N ≤ dimensions). pytorch-fid and clean-fid add 1e-6·I there when their root is not finite,
 * and lose about 1e-7 of the value otherwise; for well-conditioned covariances all agree to 12 digits.
 *
 * Why: docs/decisions/0025.
 * @throws LascauxError with fewer than two rows a side, unequal columns, or a value that is not finite.
 */
export function frechetDistance(features1: FeatureMatrix, features2: FeatureMatrix): number {
  requirePair('frechetDistance', [features1, features2], 2);
  const maximumRank = Math.min(features1.rows, features2.rows) - 1;
  if (maximumRank >= features1.columns) return frechetDistanceOfMoments(momentsOf(features1), momentsOf(features2));
  const [a, b] = [centre(features1), centre(features2)];
  const [freedom1, freedom2] = [features1.rows - 1, features2.rows - 1];
  const root = crossProductNuclearNorm(a.data, b.data, { columns: features1.columns, maximumRank });
  const traces = sumOfSquares(a.data) / freedom1 + sumOfSquares(b.data) / freedom2;
  return squaredDistance(a.mean, b.mean) + traces - (2 * root) / Math.sqrt(freedom1 * freedom2);
}

/**
 * Fréchet distance of two Gaussians given by mean and covariance, such as two `.npz` statistics files.
 *
 * @throws LascauxError when the dimensions differ or a value is not finite.
 */
export function frechetDistanceOfMoments(moments1: FeatureMoments, moments2: FeatureMoments): number {
  const size = requireMoments(moments1);
  if (requireMoments(moments2) !== size) {
    throw new LascauxError({
      operation: 'frechetDistance',
      rule: `both sides must have as many dimensions, got ${size} and ${moments2.mean.length}`,
    });
  }
  const [counts1, counts2] = [moments1.count ?? Infinity, moments2.count ?? Infinity];
  const maximumRank = Math.min(counts1 - 1, counts2 - 1, size);
  const root = rootProductTrace(moments1.covariance, moments2.covariance, { size, maximumRank });
  const traces = trace(moments1.covariance, size) + trace(moments2.covariance, size);
  return squaredDistance(moments1.mean, moments2.mean) + traces - 2 * root;
}

function requireMoments({ mean, covariance }: FeatureMoments): number {
  const size = mean.length;
  if (size === 0 || covariance.length !== size * size) {
    throw new LascauxError({
      operation: 'frechetDistance',
      rule: `${size} means need ${size}×${size} covariances, got ${covariance.length} values`,
    });
  }
  const bad = mean.find((value) => !Number.isFinite(value)) ?? covariance.find((value) => !Number.isFinite(value));
  if (bad !== undefined)
    throw new LascauxError({ operation: 'frechetDistance', rule: 'moments must be finite', value: bad });
  return size;
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + (value - (b[i] ?? 0)) ** 2, 0);
}

function sumOfSquares(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}

function trace(matrix: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += matrix[i * size + i] ?? 0;
  return sum;
}
