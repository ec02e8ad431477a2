import type { FloatArray, NoiseLevel } from '../types.js';

// The terms of the variational bound on −log p(x0), in nats summed over all values (Ho et al. 2020, eq. 5).

/** L_T = KL(q(x_T | x0) ‖ N(0, 1)) at the noisiest level. */
export function priorTerm(x0: FloatArray, { signal, sigma }: NoiseLevel): number {
  const variance = sigma ** 2;
  const constant = variance - 1 - Math.log(variance);
  let sum = 0;
  for (const value of x0) sum += 0.5 * ((signal * value) ** 2 + constant);
  return sum;
}

/** One step of the reverse chain. */
export interface StepTermOptions {
  readonly x0: FloatArray;
  /** The model's estimate of x0 at `from`. */
  readonly denoised: FloatArray;
  readonly from: NoiseLevel;
  readonly to: NoiseLevel;
  /** Variance of the model's step: β̃_t (small), the lower of the two natural choices, or β_t (large). */
  readonly variance: 'fixed_small' | 'fixed_large';
}

/**
 * L_{t−1} = KL(q(x_{t−1} | x_t, x0) ‖ p(x_{t−1} | x_t)) (Ho et al. 2020, eq. 7 and 8).
 * The two means differ only in x0, so x_t cancels.
 */
export function stepTerm({ x0, denoised, from, to, variance }: StepTermOptions): number {
  const beta = 1 - (from.signal / to.signal) ** 2;
  const posterior = (to.sigma / from.sigma) ** 2 * beta;
  const model = variance === 'fixed_small' ? posterior : beta;
  const weight = (to.signal * beta) / from.sigma ** 2;
  const constant = Math.log(model / posterior) + posterior / model - 1;
  let sum = 0;
  for (let i = 0; i < x0.length; i++) sum += 0.5 * (constant + (weight * (x0[i]! - denoised[i]!)) ** 2 / model);
  return sum;
}

/** −log N(x0; mean, deviation²): L_0 for continuous data such as latents. Can be negative, as densities can exceed 1. */
export function continuousTerm(x0: FloatArray, mean: FloatArray, deviation: number): number {
  const constant = Math.log(2 * Math.PI * deviation ** 2);
  let sum = 0;
  for (let i = 0; i < x0.length; i++) sum += 0.5 * (constant + ((x0[i]! - mean[i]!) / deviation) ** 2);
  return sum;
}

/**
 * −log of the mass that N(mean, deviation²) has in the bin of x0: L_0 for pixels of `levels` values in [−1, 1],
 * the outermost bins reaching to infinity (Ho et al. 2020, eq. 13).
 */
export function discreteTerm(
  x0: FloatArray,
  mean: FloatArray,
  { deviation, levels = 256 }: { readonly deviation: number; readonly levels?: number },
): number {
  const half = 1 / (levels - 1);
  let sum = 0;
  for (let i = 0; i < x0.length; i++) {
    const distance = x0[i]! - mean[i]!;
    const lower = x0[i]! < -1 + half ? -Infinity : (distance - half) / deviation;
    const upper = x0[i]! > 1 - half ? Infinity : (distance + half) / deviation;
    // Both from the tail that is small, where differences keep their digits.
    const mass =
      lower > 0
        ? normalDistribution(-lower) - normalDistribution(-upper)
        : normalDistribution(upper) - normalDistribution(lower);
    sum -= Math.log(Math.max(mass, Number.MIN_VALUE));
  }
  return sum;
}

/** Φ(z): its Taylor series near 0, Laplace's continued fraction of the tail beyond. */
function normalDistribution(z: number): number {
  if (!Number.isFinite(z)) return z > 0 ? 1 : 0;
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (Math.abs(z) < 3) {
    let [term, sum] = [z, z];
    for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) sum += term *= (z * z) / k;
    return 0.5 + density * sum;
  }
  let fraction = Math.abs(z);
  for (let k = 60; k > 0; k--) fraction = Math.abs(z) + k / fraction;
  return z > 0 ? 1 - density / fraction : density / fraction;
}

/** Nats summed over all values to bits per value. */
export function bitsPerDimension(nats: number, dimensions: number): number {
  return nats / dimensions / Math.LN2;
}
