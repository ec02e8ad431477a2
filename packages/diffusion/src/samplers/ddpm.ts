import { LascauxError } from '@lascaux/nn';
import { emptyLike, weightedSum } from '../arrays.js';
import type { FloatArray, Sampler } from '../types.js';
import { requireNoise, runSteps } from './run-steps.js';

/** The variances that ancestral sampling may use, as in diffusers' `variance_type`. */
export const varianceTypes = ['fixed_small', 'fixed_small_log', 'fixed_large', 'learned', 'learned_range'] as const;

/** One of {@link varianceTypes}. */
export type VarianceType = (typeof varianceTypes)[number];

/** Options of {@link sampleDdpm}. */
export interface DdpmOptions {
  /** σ_t² = β̃_t (small), β_t (large), what the network says (learned), or between small and large as it says (learned_range). Default fixed_small. */
  readonly variance?: VarianceType;
}

// Keeps the logarithm of β̃ finite where the step ends without noise.
const smallestVariance = 1e-20;

/** Ancestral sampling (Ho et al. 2020, Algorithm 2; the mean is eq. 7; learned_range is Nichol and Dhariwal 2021, eq. 15). */
export const sampleDdpm: Sampler<DdpmOptions> = (denoiser, x, { variance = 'fixed_small', ...run }) =>
  runSteps(x, run, async (x, { from, to }) => {
    const estimate = await denoiser(x, from);
    const { denoised } = estimate;
    const alpha = (from.signal / to.signal) ** 2;
    const beta = 1 - alpha;
    const mean = weightedSum(
      [(to.signal * beta) / from.sigma ** 2, denoised],
      [(Math.sqrt(alpha) * to.sigma ** 2) / from.sigma ** 2, x],
    );
    if (from.timestep === 0) return { x: mean, denoised };

    const noise = requireNoise(run, 'ddpm')(x.length);
    const small = Math.max((to.sigma ** 2 / from.sigma ** 2) * beta, smallestVariance);
    if (variance.startsWith('fixed')) {
      const deviation = Math.sqrt(variance === 'fixed_large' ? beta : small);
      return { x: weightedSum([1, mean], [deviation, noise]), denoised };
    }
    if (!estimate.variance)
      throw new LascauxError({
        operation: 'ddpm',
        rule: `${variance} needs a network with learned variance, got none`,
      });
    if (variance === 'learned') return { x: addNoiseOfVariance(mean, noise, estimate.variance), denoised };
    return { x: addLearnedNoise({ mean, noise, fraction: estimate.variance, small, large: beta }), denoised };
  });

function addNoiseOfVariance<A extends FloatArray>(mean: A, noise: FloatArray, variance: FloatArray): A {
  return mean.map((value, i) => value + Math.sqrt(variance[i]!) * noise[i]!) as A;
}

interface LearnedNoise<A extends FloatArray> {
  mean: A;
  noise: FloatArray;
  /** −1: small, 1: large. */
  fraction: FloatArray;
  small: number;
  large: number;
}

function addLearnedNoise<A extends FloatArray>({ mean, noise, fraction, small, large }: LearnedNoise<A>): A {
  const out = emptyLike(mean);
  const [low, high] = [Math.log(small), Math.log(large)];
  for (let i = 0; i < out.length; i++) {
    const share = (fraction[i]! + 1) / 2;
    const logVariance = share * high + (1 - share) * low;
    out[i] = mean[i]! + Math.exp(0.5 * logVariance) * noise[i]!;
  }
  return out;
}
