import { weightedSum } from '../arrays.js';
import { type Interpret, interpretation } from '../denoiser/prediction.js';
import { explodingLevel } from '../schedule/levels.js';
import type { Sampler } from '../types.js';
import { requireNoise, runSteps } from './run-steps.js';

/** Options of {@link sampleEuler}: noise added before each step (Karras et al. 2022, Algorithm 2). */
export interface EulerOptions {
  /** S_churn; 0 adds none. Default 0. */
  readonly churn?: number;
  /** S_tmin and S_tmax: sigmas between which noise is added. Default all. */
  readonly churnMinimum?: number;
  readonly churnMaximum?: number;
  /** S_noise: deviation of the added noise. Default 1. */
  readonly churnNoise?: number;
  /** How the network's output is read at the x with added noise. Default: it is noise. */
  readonly interpret?: Interpret;
}

/**
 * Euler steps in sigma (Karras et al. 2022, Algorithm 2 without its second order).
 * With churn the network sees x before the added noise, and its output is read after it, as in diffusers.
 */
export const sampleEuler: Sampler<EulerOptions> = (
  denoiser,
  x,
  {
    churn = 0,
    churnMinimum = 0,
    churnMaximum = Infinity,
    churnNoise = 1,
    interpret = interpretation('epsilon'),
    ...run
  },
) => {
  const most = Math.min(churn / (run.plan.steps.length + run.plan.begin), Math.SQRT2 - 1);
  return runSteps(x, run, async (x, { from, to }) => {
    const { denoised, noise, output } = await denoiser(x, from);
    const gamma = churnMinimum <= from.sigma && from.sigma <= churnMaximum ? most : 0;
    if (gamma === 0) return { x: weightedSum([1, x], [to.sigma - from.sigma, noise]), denoised };

    const sigma = from.sigma * (1 + gamma);
    const added = Math.sqrt(sigma ** 2 - from.sigma ** 2) * churnNoise;
    const churned = weightedSum([1, x], [added, requireNoise(run, 'euler')(x.length)]);
    const reread = interpret(output, churned, explodingLevel(from.timestep, sigma));
    return { x: weightedSum([1, churned], [to.sigma - sigma, reread.noise]), denoised: reread.denoised };
  });
};
