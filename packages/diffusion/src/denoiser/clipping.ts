import { emptyLike, weightedSum } from '../arrays.js';
import type { Denoiser, FloatArray } from '../types.js';

/** Denoiser whose estimate of x0 is held in [−range, range]; the noise estimate stays as it was (Ho et al. 2020). */
export function clippedDenoiser<A extends FloatArray>(denoiser: Denoiser<A>, range: number): Denoiser<A> {
  return async (x, level) => {
    const estimate = await denoiser(x, level);
    return { ...estimate, denoised: estimate.denoised.map((value) => Math.min(range, Math.max(-range, value))) as A };
  };
}

/** Options of dynamic thresholding. */
export interface ThresholdOptions {
  /** The quantile of |x0| that becomes the threshold, for example 0.995. */
  readonly ratio: number;
  /** Upper limit of the threshold (diffusers' `sample_max_value`); the lower limit is 1. */
  readonly maximum: number;
  /** Number of images; each gets its own threshold. Default 1. */
  readonly batch?: number;
}

/** Denoiser whose x0 is clipped at a quantile of |x0| and divided by it (Saharia et al. 2022, section 2.3). */
export function thresholdedDenoiser<A extends FloatArray>(
  denoiser: Denoiser<A>,
  options: ThresholdOptions,
): Denoiser<A> {
  return async (x, level) => {
    const estimate = await denoiser(x, level);
    return { ...estimate, denoised: dynamicThreshold(estimate.denoised, options) };
  };
}

/** x0 with every image clipped to [−s, s] and divided by s, s = quantile of |x0| within [1, maximum]. */
export function dynamicThreshold<A extends FloatArray>(x0: A, { ratio, maximum, batch = 1 }: ThresholdOptions): A {
  const out = emptyLike(x0);
  const size = x0.length / batch;
  for (let k = 0; k < batch; k++) {
    const image = x0.subarray(k * size, (k + 1) * size);
    const s = Math.min(maximum, Math.max(1, quantile(image.map(Math.abs), ratio)));
    for (let i = 0; i < size; i++) out[k * size + i] = Math.min(s, Math.max(-s, image[i]!)) / s;
  }
  return out;
}

/** Linearly interpolated quantile; sorts `values`. */
function quantile(values: FloatArray, ratio: number): number {
  values.sort();
  const position = ratio * (values.length - 1);
  const i = Math.floor(position);
  const low = values[i]!;
  return low + (position - i) * ((values[i + 1] ?? low) - low);
}

/** Denoiser whose noise estimate is computed again from its (clipped) x0, so that the two agree with x. */
export function consistentDenoiser<A extends FloatArray>(denoiser: Denoiser<A>): Denoiser<A> {
  return async (x, level) => {
    const estimate = await denoiser(x, level);
    const noise = weightedSum([1 / level.sigma, x], [-level.signal / level.sigma, estimate.denoised]);
    return { ...estimate, noise };
  };
}
