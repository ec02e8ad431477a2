import { weightedSum } from '../arrays.js';
import type { Sampler } from '../types.js';
import { requireNoise, runSteps } from './run-steps.js';

/** Options of {@link sampleDdim}. */
export interface DdimOptions {
  /** η: 0 is deterministic, 1 has the variance of DDPM. Default 0. */
  readonly eta?: number;
}

/** Denoising diffusion implicit models (Song et al. 2021, eq. 12 and 16). */
export const sampleDdim: Sampler<DdimOptions> = (denoiser, x, { eta = 0, ...run }) =>
  runSteps(x, run, async (x, { from, to }) => {
    const { denoised, noise } = await denoiser(x, from);
    const variance = (to.sigma ** 2 / from.sigma ** 2) * (1 - (from.signal / to.signal) ** 2);
    const sigma = eta * Math.sqrt(variance);
    const direction = Math.sqrt(Math.max(to.sigma ** 2 - sigma ** 2, 0));
    const mean = weightedSum([to.signal, denoised], [direction, noise]);
    if (eta === 0) return { x: mean, denoised };
    return { x: weightedSum([1, mean], [sigma, requireNoise(run, 'ddim')(x.length)]), denoised };
  });
