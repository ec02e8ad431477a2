import { LascauxError } from '@lascaux/nn';
import type { Sampler } from '../types.js';
import { type DpmSolverOptions, type MultistepVariant, multistepSampler } from './exponential-multistep.js';

const variant: MultistepVariant = {
  name: 'dpm-sde',
  estimate: ({ noise }) => noise,
  isStochastic: true,
  weights: (from, to, h) => {
    const e = Math.expm1(h);
    return {
      x: to.signal / from.signal,
      d0: -2 * to.sigma * e,
      d1: -2 * to.sigma * (e / h - 1),
      d2: NaN,
      noise: to.sigma * Math.sqrt(Math.expm1(2 * h)),
    };
  },
};

const sample = multistepSampler(variant);

/**
 * DPM-Solver multistep of the reverse SDE in the noise estimate, of order 1 or 2. Cannot end without noise.
 * @throws LascauxError for order 3, which nobody has derived.
 */
export const sampleDpmSolverSde: Sampler<DpmSolverOptions> = (denoiser, x, run) => {
  if ((run.order ?? 2) > 2)
    throw new LascauxError({ operation: 'dpm-sde', rule: `order must be 1 or 2, got ${run.order}` });
  return sample(denoiser, x, run);
};
