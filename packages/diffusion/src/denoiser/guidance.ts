import { emptyLike, weightedSum } from '../arrays.js';
import type { Denoiser, FloatArray, Network } from '../types.js';

/** Strength of classifier-free guidance. */
export interface GuidanceOptions {
  /** w in uncond + w · (cond − uncond); 1 = off (Ho and Salimans 2022, in the convention of Stable Diffusion). */
  readonly guidanceScale: number;
  /** φ ∈ [0, 1]: how far the deviation is drawn back to that of the conditional output (Lin et al. 2023, section 3.4). Default 0. */
  readonly guidanceRescale?: number;
  /** Number of images; deviations are taken per image. Default 1. */
  readonly batch?: number;
}

/** The guided output of two network outputs of the same shape. */
export function combineGuidance<A extends FloatArray>(
  conditional: A,
  unconditional: A,
  { guidanceScale, guidanceRescale = 0, batch = 1 }: GuidanceOptions,
): A {
  const guided = weightedSum([1 - guidanceScale, unconditional], [guidanceScale, conditional]);
  if (guidanceRescale !== 0) rescaleInPlace(guided, conditional, { guidanceRescale, batch });
  return guided;
}

function rescaleInPlace(
  guided: FloatArray,
  conditional: FloatArray,
  options: { guidanceRescale: number; batch: number },
) {
  const { guidanceRescale, batch } = options;
  const size = guided.length / batch;
  for (let k = 0; k < batch; k++) {
    const [begin, end] = [k * size, (k + 1) * size];
    const ratio = deviation(conditional.subarray(begin, end)) / deviation(guided.subarray(begin, end));
    const factor = guidanceRescale * ratio + 1 - guidanceRescale;
    for (let i = begin; i < end; i++) guided[i]! *= factor;
  }
}

function deviation(values: FloatArray): number {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

/**
 * Guides with one call on a doubled batch, the unconditional half first.
 * The given network gets [x, x] and must hold its conditioning in the order [negative, positive].
 */
export function guidedNetwork<A extends FloatArray>(network: Network<A>, options: GuidanceOptions): Network<A> {
  return async (input, timestep) => {
    const doubled = emptyLike(input, 2 * input.length);
    doubled.set(input, 0);
    doubled.set(input, input.length);
    const output = await network(doubled, timestep);
    const half = output.length / 2;
    return combineGuidance(output.subarray(half) as A, output.subarray(0, half) as A, options);
  };
}

/** Guides one denoiser away from another: both estimates become uncond + w · (cond − uncond). */
export function guidedDenoiser<A extends FloatArray>(
  conditional: Denoiser<A>,
  unconditional: Denoiser<A>,
  guidanceScale: number,
): Denoiser<A> {
  return async (x, level) => {
    const [cond, uncond] = [await conditional(x, level), await unconditional(x, level)];
    const mix = (c: A, u: A) => combineGuidance(c, u, { guidanceScale });
    return {
      denoised: mix(cond.denoised, uncond.denoised),
      noise: mix(cond.noise, uncond.noise),
      output: mix(cond.output, uncond.output),
      variance: cond.variance,
    };
  };
}
