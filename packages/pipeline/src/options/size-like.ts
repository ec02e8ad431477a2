import type { PictureSize } from './value-types.js';

/**
 * The size at which a model paints from a picture: the picture's shape, about as many pixels as the model's own size,
 * both sides in multiples that the model can paint.
 */
export function sizeLike(picture: PictureSize, model: PictureSize, multiple: number): PictureSize {
  const ratio = Math.sqrt((model.width * model.height) / (picture.width * picture.height));
  const side = (pixels: number): number => Math.max(1, Math.round((pixels * ratio) / multiple)) * multiple;
  return { width: side(picture.width), height: side(picture.height) };
}
