import { addNoise, type NoiseLevel, type Plan } from '@lascaux/diffusion';
import type { Source } from './source-picture.js';

/** Where a sampler begins, and what holds it to the picture that it begins from. */
export interface StartingPoint {
  readonly plan: Plan;
  readonly x: Float32Array;
  readonly constrain?: (x: Float32Array, level: NoiseLevel) => Float32Array;
}

/** Unit Gaussian noise of one image, so many values a draw. */
export type ImageNoise = (size: number) => Float32Array;

/** What a starting point is made of. */
export interface StartOptions {
  readonly plan: Plan;
  /** Values of one latent. */
  readonly latentSize: number;
  /** The image's own noise; the starting noise is its first draw. */
  readonly noiseSource: ImageNoise;
}

/** Text to image: pure noise. */
export function startFromNoise({ plan, latentSize, noiseSource }: StartOptions): StartingPoint {
  return { plan, x: noiseSource(latentSize).map((value) => value * plan.initialNoiseScale) };
}

/** What starting from a picture needs besides. */
export interface PictureStart {
  readonly source: Source;
  /** Encodes the picture: scaled latent [C, h, w], a draw from the posterior where a noise source is given, else its mean. */
  readonly encode: (noiseSource?: ImageNoise) => Promise<Float32Array>;
  /** At the latent's size, 1 = repaint; undefined to repaint everything, or when the network itself sees the mask. */
  readonly mask?: Float32Array;
}

/**
 * Image to image (Meng et al. 2022): the picture's latent, noised to the level of the first step that is kept. With a
 * mask, what is kept is put back at every level with the same noise (RePaint without resampling, Lugmayr et al. 2022); it
 * is the posterior's mean, since a draw's noise would be decoded as part of the picture.
 */
export async function startFromPicture(options: StartOptions, start: PictureStart): Promise<StartingPoint> {
  const { plan, latentSize, noiseSource } = options;
  const { source, encode, mask } = start;
  const noise = noiseSource(latentSize);
  const clean = await encode(source.mask === undefined ? noiseSource : undefined);
  const first = plan.steps[0]!.from;
  // At full strength under a mask nothing of the picture is left in what is repainted.
  const isPureNoise = source.mask !== undefined && source.strength === 1;
  const x = isPureNoise ? noise.map((value) => value * plan.initialNoiseScale) : addNoise(clean, noise, first);
  if (mask === undefined) return { plan, x };
  return { plan, x, constrain: (current, level) => blend(current, addNoise(clean, noise, level), mask) };
}

/** mask · repainted + (1 − mask) · kept, the mask [h, w] being that of every channel. */
function blend(repainted: Float32Array, kept: Float32Array, mask: Float32Array): Float32Array {
  return repainted.map((value, i) => {
    const m = mask[i % mask.length] as number;
    return m * value + (1 - m) * (kept[i] as number);
  });
}
