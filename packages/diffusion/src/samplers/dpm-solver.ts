import type { Sampler } from '../types.js';
import { type DpmSolverOptions, type MultistepVariant, multistepSampler } from './exponential-multistep.js';

const variant: MultistepVariant = {
  name: 'dpm',
  estimate: ({ noise }) => noise,
  isStochastic: false,
  weights: (from, to, h) => {
    const e = Math.expm1(h);
    return {
      x: to.signal / from.signal,
      d0: -to.sigma * e,
      d1: -to.sigma * (e / h - 1),
      d2: -to.sigma * ((e - h) / h ** 2 - 0.5),
      noise: 0,
    };
  },
};

/** DPM-Solver multistep: extrapolates the noise in λ (Lu et al. 2022a, Theorem 3.1). Cannot end without noise. */
export const sampleDpmSolver: Sampler<DpmSolverOptions> = multistepSampler(variant);
