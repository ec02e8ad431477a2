import type { Denoiser, NoiseLevel, Plan } from '@lascaux/diffusion';
import { explodingLevel } from '@lascaux/diffusion/schedule';

/** The denoiser of a data set that holds one picture. */
export const pointDenoiser =
  (x0: Float64Array): Denoiser<Float64Array> =>
  (x, { signal, sigma }) => {
    const noise = x.map((value, i) => (value - signal * x0[i]!) / sigma);
    return { denoised: x0, noise, output: noise };
  };

/** E[x0 | x] for x0 ~ N(0, deviation²). */
export const gaussianDenoiser =
  (deviation: number): Denoiser<Float64Array> =>
  (x, { signal, sigma }) => {
    const variance = (signal * deviation) ** 2 + sigma ** 2;
    const noise = x.map((value) => (value * sigma) / variance);
    return { denoised: x.map((value) => (value * signal * deviation ** 2) / variance), noise, output: noise };
  };

/** A plan through given sigmas. */
export function planThrough(
  sigmas: readonly number[],
  level: (t: number, sigma: number) => NoiseLevel = explodingLevel,
) {
  const levels = sigmas.map((sigma, i) => level(sigmas.length - i, sigma));
  const steps = levels.slice(0, -1).map((from, i) => ({ from, to: levels[i + 1]! }));
  return { steps, initialNoiseScale: 1, begin: 0 } satisfies Plan;
}
