import type { NoiseLevel } from '../types.js';

/** Variance preserving level: x = √ᾱ · x0 + √(1 − ᾱ) · noise (Ho et al. 2020, eq. 4). */
export function preservingLevel(timestep: number, alphaBar: number): NoiseLevel {
  return { timestep, signal: Math.sqrt(alphaBar), sigma: Math.sqrt(1 - alphaBar), inputScale: 1 };
}

/** Variance preserving level of a noise-to-signal ratio σ: α = 1/√(1 + σ²). */
export function preservingLevelOfRatio(timestep: number, ratio: number): NoiseLevel {
  const signal = 1 / Math.sqrt(ratio * ratio + 1);
  return { timestep, signal, sigma: ratio * signal, inputScale: 1 };
}

/** Variance exploding level: x = x0 + σ · noise; the network sees x / √(1 + σ²) (Karras et al. 2022). */
export function explodingLevel(timestep: number, sigma: number): NoiseLevel {
  return { timestep, signal: 1, sigma, inputScale: 1 / Math.sqrt(1 + sigma * sigma) };
}

/** Straight-line level: x = (1 − σ) · x0 + σ · noise (flow matching, Lipman et al. 2023; rectified flow). */
export function flowLevel(timestep: number, sigma: number): NoiseLevel {
  return { timestep, signal: 1 - sigma, sigma, inputScale: 1 };
}

/** λ = log(signal / sigma), half the logarithm of the signal-to-noise ratio; infinite where there is no noise (Lu et al. 2022). */
export function logRatio({ signal, sigma }: NoiseLevel): number {
  return Math.log(signal) - Math.log(sigma);
}

/** Variance exploding level of an integer timestep of a schedule. */
export function explodingLevelTable(alphaBars: Float64Array): (timestep: number) => NoiseLevel {
  return (timestep) => explodingLevel(timestep, Math.sqrt((1 - alphaBars[timestep]!) / alphaBars[timestep]!));
}

/** Variance preserving level of an integer timestep of a schedule. */
export function preservingLevelTable(alphaBars: Float64Array): (timestep: number) => NoiseLevel {
  return (timestep) => preservingLevel(timestep, alphaBars[timestep]!);
}
