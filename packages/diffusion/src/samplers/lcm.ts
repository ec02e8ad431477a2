import { weightedSum } from '../arrays.js';
import type { Sampler } from '../types.js';
import { requireNoise, runSteps } from './run-steps.js';

/** Options of {@link sampleLcm}. */
export interface LcmOptions {
  /** Timesteps are multiplied by this in the boundary condition. Default 10. */
  readonly timestepScaling?: number;
}

// Deviation of the data that consistency models are parameterised with (Song et al. 2023, appendix C).
const dataDeviation = 0.5;

/** Latent consistency sampling: jump to x0, noise it to the next level (Luo et al. 2023, Algorithm 3). */
export const sampleLcm: Sampler<LcmOptions> = (denoiser, x, { timestepScaling = 10, ...run }) =>
  runSteps(x, run, async (x, { from, to }, i) => {
    const estimate = await denoiser(x, from);
    const t = from.timestep * timestepScaling;
    const skip = dataDeviation ** 2 / (t ** 2 + dataDeviation ** 2);
    const out = t / Math.sqrt(t ** 2 + dataDeviation ** 2);
    const denoised = weightedSum([skip, x], [out, estimate.denoised]);
    if (i === run.plan.steps.length - 1) return { x: denoised, denoised };
    const noise = requireNoise(run, 'lcm')(x.length);
    return { x: weightedSum([to.signal, denoised], [to.sigma, noise]), denoised };
  });
