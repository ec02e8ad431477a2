import { LascauxError } from '@lascaux/nn';
/**
 * The importance-weighted bound on ln p(x) (IWAE; Burda et al. 2016, eq. 8): ln 1/k Σ w over k samples z ~ q, where
 * ln w = ln p(x|z) + ln p(z) − ln q(z|x). One sample gives the ELBO's; more never loosen it in expectation.
 *
 * @param logWeights ln w of the k samples, nats.
 * @throws LascauxError without samples or with a NaN.
 */
export function importanceWeightedBound(logWeights: ArrayLike<number>): number {
  const k = logWeights.length;
  if (k === 0)
    throw new LascauxError({ operation: 'importanceWeightedBound', rule: 'at least one sample is needed, got 0' });
  let largest = -Infinity;
  for (let i = 0; i < k; i++) {
    const value = logWeights[i] ?? NaN;
    if (Number.isNaN(value))
      throw new LascauxError({
        operation: 'importanceWeightedBound',
        rule: `log-weights must be numbers, got NaN at ${i}`,
      });
    largest = Math.max(largest, value);
  }
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < k; i++) sum += Math.exp((logWeights[i] ?? 0) - largest);
  return largest + Math.log(sum / k);
}

/** Nats of a whole picture → bits per dimension, nats / (dimensions·ln 2). @throws LascauxError unless dimensions > 0. */
export function bitsPerDimension(nats: number, dimensions: number): number {
  if (!(dimensions > 0))
    throw new LascauxError({ operation: 'bitsPerDimension', rule: 'dimensions must be positive', value: dimensions });
  return nats / (dimensions * Math.LN2);
}
