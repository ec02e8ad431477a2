import { check } from '@lascaux/nn';
import type { Posterior } from '@lascaux/vae';

/** Σ (a − b)². @throws {LascauxError} when the lengths differ */
export function squaredError(a: Float32Array, b: Float32Array): number {
  check(a.length === b.length, { operation: 'squaredError', rule: `needs ${a.length} values`, value: b.length });
  return a.reduce((sum, value, i) => sum + (value - (b[i] ?? 0)) ** 2, 0);
}

/** The Gaussian p(x | z) with one variance for all values. */
export interface ObservationModel {
  /** D, the number of values of an image. */
  readonly dimensions: number;
  /** log σ² */
  readonly logVariance: number;
}

/**
 * −log p(x | z) in nats from the squared error Σ(x − x̂)²: ½ (Σ(x − x̂)²/σ² + D·(log σ² + log 2π)). Pixels lie in [−1, 1] and count as
 * continuous, so it may be negative (Kingma and Welling 2014, appendix C.2).
 */
export function reconstructionNats(error: number, { dimensions, logVariance }: ObservationModel): number {
  return 0.5 * (error / Math.exp(logVariance) + dimensions * (logVariance + Math.log(2 * Math.PI)));
}

/** KL(q(z | x) ‖ N(0, I)) in nats: ½ Σ (μ² + σ² − 1 − log σ²) (Kingma and Welling 2014, appendix B). */
export function divergenceNats({ mean, logVariance }: Posterior): number {
  const term = (mu: number, logSigma2: number): number => mu * mu + Math.exp(logSigma2) - 1 - logSigma2;
  return 0.5 * mean.reduce((sum, mu, i) => sum + term(mu, logVariance[i] ?? 0), 0);
}
