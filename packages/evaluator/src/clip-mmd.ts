import { requirePair, type FeatureMatrix } from './feature-matrix.js';
import { squaredDistances, unitRows } from './rows.js';

/** Bandwidth and factor of the published metric. */
const SIGMA = 10;
const SCALE = 1000;

/**
 * CMMD (Jayasumana et al. 2024, eq. 4): 1000 times the biased MMD² of CLIP image embeddings, scaled to length one, under
 * the Gaussian kernel exp(−|x−y|² / 2σ²) with σ = 10. Comparable with published figures only for embeddings of CLIP
 * ViT-L/14 at 336 pixels.
 *
 * It is computed as a difference of means of exp(·) − 1, which keeps the digits that the direct form loses near 1.
 *
 * @throws LascauxError when empty, of unequal columns, or holding values that are not finite or a row of zeros.
 */
export function clipMmd(embeddings1: FeatureMatrix, embeddings2: FeatureMatrix): number {
  requirePair('clipMmd', [embeddings1, embeddings2]);
  const [x, y] = [unitRows('clipMmd', embeddings1), unitRows('clipMmd', embeddings2)];
  return SCALE * (meanKernel(x, x) + meanKernel(y, y) - 2 * meanKernel(x, y));
}

/** Mean of exp(−|x−y|² / 2σ²) − 1 over all pairs. */
function meanKernel(x: FeatureMatrix, y: FeatureMatrix): number {
  const distances = squaredDistances(x, y);
  const gamma = 1 / (2 * SIGMA * SIGMA);
  return distances.reduce((sum, distance) => sum + Math.expm1(-gamma * distance), 0) / distances.length;
}
