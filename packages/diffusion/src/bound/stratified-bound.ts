import { addNoise } from '../add-noise.js';
import type { Denoiser, FloatArray, NoiseLevel, NoiseSource } from '../types.js';
import type { Stratum } from './strata.js';
import { continuousTerm, priorTerm, stepTerm } from './terms.js';

/** How the bound of one x0 is estimated. */
export interface StratifiedBoundOptions {
  /** The level of each integer timestep of training. */
  readonly levelAt: (timestep: number) => NoiseLevel;
  /** Groups that cover t = 1 … T − 1, as `boundStrata` makes them, the cleanest first. */
  readonly strata: readonly Stratum[];
  readonly noiseSource: NoiseSource;
  /** One number in [0, 1) for each stratum: which of its timesteps is taken. */
  readonly uniform: () => number;
  /** Looked at before every call of the denoiser. */
  readonly signal?: AbortSignal;
}

/** Unbiased estimates of the bound's parts for continuous x0, in nats summed over all values of x0. */
export interface StratifiedBound {
  /** L_T, exact. */
  readonly prior: number;
  /** Sum of the L_{t−1} of each stratum, with σ_t² = β̃_t, which is right where all data are one point. */
  readonly small: Float64Array;
  /** The same with σ_t² = β_t, which is right for data of unit deviation. */
  readonly large: Float64Array;
  /** L_0 with σ_1² = β_1 for either choice, as β̃_1 is 0. */
  readonly reconstruction: number;
}

/**
 * The variational bound on −ln p(x0) (Ho et al. 2020, eq. 5) from one draw of x_t in each stratum, at one of its timesteps, whose term stands
 * for them all: strata.length + 1 calls of the denoiser. With a stratum for every timestep this is `variationalBound`.
 */
export async function stratifiedBound<A extends FloatArray>(
  denoiser: Denoiser<A>,
  x0: A,
  { levelAt, strata, noiseSource, uniform, signal }: StratifiedBoundOptions,
): Promise<StratifiedBound> {
  const denoisedAt = async (level: NoiseLevel): Promise<A> => {
    signal?.throwIfAborted();
    return (await denoiser(addNoise(x0, noiseSource(x0.length), level), level)).denoised;
  };
  const [small, large] = [new Float64Array(strata.length), new Float64Array(strata.length)];
  for (const [k, { first, last }] of strata.entries()) {
    const width = last - first + 1;
    const t = first + Math.floor(uniform() * width);
    const [from, to] = [levelAt(t), levelAt(t - 1)];
    const denoised = await denoisedAt(from);
    small[k] = width * stepTerm({ x0, denoised, from, to, variance: 'fixed_small' });
    large[k] = width * stepTerm({ x0, denoised, from, to, variance: 'fixed_large' });
  }
  const cleanest = levelAt(0);
  const reconstruction = continuousTerm(x0, await denoisedAt(cleanest), cleanest.sigma);
  return { prior: priorTerm(x0, levelAt(strata.at(-1)!.last)), small, large, reconstruction };
}
