import { weightedSum } from '../arrays.js';
import type { Sampler } from '../types.js';
import { runSteps } from './run-steps.js';

/** Heun's second order steps in sigma, a plain Euler step at the end (Karras et al. 2022, Algorithm 1): 2n − 1 network calls. */
export const sampleHeun: Sampler = (denoiser, x, run) =>
  runSteps(x, run, async (x, { from, to }) => {
    const { denoised } = await denoiser(x, from);
    const slope = weightedSum([1 / from.sigma, x], [-1 / from.sigma, denoised]);
    const h = to.sigma - from.sigma;
    const predicted = weightedSum([1, x], [h, slope]);
    if (to.sigma === 0) return { x: predicted, denoised };

    // diffusers counts the two halves as steps, so what is kept is put back after each.
    const euler = run.constrain?.(predicted, to) ?? predicted;
    const { denoised: denoised2 } = await denoiser(euler, to);
    const slope2 = weightedSum([1 / to.sigma, euler], [-1 / to.sigma, denoised2]);
    return { x: weightedSum([1, x], [h / 2, slope], [h / 2, slope2]), denoised };
  });
