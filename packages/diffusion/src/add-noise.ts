import { weightedSum } from './arrays.js';
import type { FloatArray, NoiseLevel } from './types.js';

/** x = signal · x0 + sigma · noise (Ho et al. 2020, eq. 4, in the terms of any level). */
export function addNoise<A extends FloatArray>(x0: A, noise: FloatArray, { signal, sigma }: NoiseLevel): A {
  return weightedSum([signal, x0], [sigma, noise]);
}

/** The v target of training: signal · noise − sigma · x0, at a variance preserving level (Salimans and Ho 2022). */
export function velocityTarget<A extends FloatArray>(x0: A, noise: FloatArray, { signal, sigma }: NoiseLevel): A {
  return weightedSum([-sigma, x0], [signal, noise]);
}

/** The flow target of training: noise − x0. */
export function flowTarget<A extends FloatArray>(x0: A, noise: FloatArray): A {
  return weightedSum([-1, x0], [1, noise]);
}
