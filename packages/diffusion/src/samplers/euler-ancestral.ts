import { weightedSum } from '../arrays.js';
import type { Sampler } from '../types.js';
import { requireNoise, runSteps } from './run-steps.js';

/** Euler steps below the next sigma, and noise back up to it (k-diffusion's `sample_euler_ancestral`). */
export const sampleEulerAncestral: Sampler = (denoiser, x, run) =>
  runSteps(x, run, async (x, { from, to }) => {
    const { denoised } = await denoiser(x, from);
    const up = (to.sigma * Math.sqrt(from.sigma ** 2 - to.sigma ** 2)) / from.sigma;
    const down = Math.sqrt(to.sigma ** 2 - up ** 2);
    const ratio = down / from.sigma;
    const noise = requireNoise(run, 'euler-ancestral')(x.length);
    return { x: weightedSum([ratio, x], [1 - ratio, denoised], [up, noise]), denoised };
  });
