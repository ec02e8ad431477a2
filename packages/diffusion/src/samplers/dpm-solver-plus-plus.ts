import type { Sampler } from '../types.js';
import { type DpmSolverOptions, type MultistepVariant, multistepSampler } from './exponential-multistep.js';

const variant: MultistepVariant = {
  name: 'dpm++',
  estimate: ({ denoised }) => denoised,
  isStochastic: false,
  weights: (from, to, h) => {
    const e = Math.expm1(-h);
    return {
      x: to.sigma / from.sigma,
      d0: -to.signal * e,
      d1: to.signal * (e / h + 1),
      d2: -to.signal * ((e + h) / h ** 2 - 0.5),
      noise: 0,
    };
  },
};

/** DPM-Solver++ multistep: extrapolates x0 in λ (Lu et al. 2022b, eq. 9 and Algorithm 2). */
export const sampleDpmSolverPlusPlus: Sampler<DpmSolverOptions> = multistepSampler(variant);
