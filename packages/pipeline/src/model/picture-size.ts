import type { ModelFolder } from './model-folder.js';

/** Width and height in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The size at which a model paints from a picture: the picture's shape, about as many pixels as the model's own size,
 * both sides in multiples that the model can paint.
 */
export function sizeLike(picture: Size, model: Size, multiple: number): Size {
  const ratio = Math.sqrt((model.width * model.height) / (picture.width * picture.height));
  const side = (pixels: number): number => Math.max(1, Math.round((pixels * ratio) / multiple)) * multiple;
  return { width: side(picture.width), height: side(picture.height) };
}

/**
 * What the sides of a picture must be multiples of: the autoencoder's factor times how often the denoiser halves the
 * latent. Exported graphs double back without looking at the size they came from, so odd sizes in between fail.
 */
export function sizeMultiple({ vaeConfig, denoiserConfig }: Pick<ModelFolder, 'vaeConfig' | 'denoiserConfig'>): number {
  const { down_block_types: blocks, patch_size: patch } = denoiserConfig;
  return vaeConfig.spatialFactor * (blocks === undefined ? (patch ?? 1) : 2 ** (blocks.length - 1));
}
