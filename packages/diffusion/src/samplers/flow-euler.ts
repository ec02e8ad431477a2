import { weightedSum } from '../arrays.js';
import type { Sampler } from '../types.js';
import { requireNoise, runSteps } from './run-steps.js';

/** Options of {@link sampleFlowEuler}. */
export interface FlowEulerOptions {
  /** Go to the estimate of x0 and noise it anew, in place of following the line. Default false. */
  readonly stochastic?: boolean;
}

/** Euler steps along x = (1 − σ)·x0 + σ·noise (Lipman et al. 2023; Esser et al. 2024). */
export const sampleFlowEuler: Sampler<FlowEulerOptions> = (denoiser, x, { stochastic = false, ...run }) =>
  runSteps(x, run, async (x, { from, to }) => {
    const { denoised, noise } = await denoiser(x, from);
    if (stochastic) {
      const fresh = requireNoise(run, 'flow-euler')(x.length);
      return { x: weightedSum([to.signal, denoised], [to.sigma, fresh]), denoised };
    }
    const h = to.sigma - from.sigma;
    return { x: weightedSum([1, x], [h, noise], [-h, denoised]), denoised };
  });
