import type { Sampler } from '../types.js';
import { type DpmSolverOptions, type MultistepVariant, multistepSampler } from './exponential-multistep.js';

const variant: MultistepVariant = {
  name: 'dpm++-sde',
  estimate: ({ denoised }) => denoised,
  isStochastic: true,
  weights: (from, to, h) => {
    const e = Math.expm1(-2 * h);
    return {
      x: (to.sigma / from.sigma) * Math.exp(-h),
      d0: -to.signal * e,
      d1: to.signal * (e / (2 * h) + 1),
      // The sign of ½ is the one of diffusers; the derivation for the ODE has the other.
      d2: -to.signal * ((e + 2 * h) / (2 * h) ** 2 + 0.5),
      noise: to.sigma * Math.sqrt(-e),
    };
  },
};

/** DPM-Solver++ multistep of the reverse SDE: as the ODE solver with 2h for h, and noise after every step (Lu et al. 2022b, eq. 18). */
export const sampleDpmSolverPlusPlusSde: Sampler<DpmSolverOptions> = multistepSampler(variant);
