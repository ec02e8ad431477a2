import { check, LascauxError } from '@lascaux/nn';
import { sizeLike, type Mask, type Picture } from '@lascaux/pipeline';
import { readPicture, readPictureSize, readTransparentMask } from '@lascaux/pipeline/image';
import { checkSize, type PictureSize } from '@lascaux/pipeline/options';
import type { ServedModel } from '../painting/served-model.js';
import type { ServerLimits } from '../server-limits.js';
import { checkPixels, sizeOf } from './image-order.js';

/** An uploaded image, ready to be painted from. */
export interface SourceImage {
  readonly image: Picture;
  readonly mask?: Mask;
  readonly size: PictureSize;
}

/**
 * Reads an uploaded image, and a mask, at the size to paint: the one that is named, else the image's shape at about the model's number of pixels.
 * Bytes alone are read, never a file or an address.
 * @throws LascauxError (usage) naming the upload that is no image or too large, and a mask without transparent parts
 */
export async function readSource(
  { image, mask, size: named }: { image: Uint8Array; mask?: Uint8Array; size?: string },
  { model, limits }: { model: ServedModel; limits: ServerLimits },
): Promise<SourceImage> {
  const uploaded = await uploadSize(image, 'image', limits);
  const size = sizeOf(named) ?? sizeLike(uploaded, model.defaults, model.sizes);
  checkPixels(size, limits);
  checkSize(size, model.sizes);
  const picture = await readPicture(image, size, { option: 'image' });
  return { image: picture, mask: await readMasking({ image, mask }, size, limits), size };
}

async function readMasking(
  { image, mask }: { image: Uint8Array; mask?: Uint8Array },
  size: PictureSize,
  limits: ServerLimits,
): Promise<Mask | undefined> {
  if (mask === undefined) return readTransparentMask(image, size, { option: 'image' });
  await uploadSize(mask, 'mask', limits);
  const read = await readTransparentMask(mask, size, { option: 'mask' });
  if (read !== undefined) return read;
  throw new LascauxError({ option: 'mask', rule: 'must have transparent parts: they are repainted', kind: 'usage' });
}

/**
 * The size of an upload.
 * @throws LascauxError (usage) naming the option when it is no image, or has too many pixels
 */
export async function uploadSize(
  bytes: Uint8Array,
  option: string,
  { uploadPixels }: Pick<ServerLimits, 'uploadPixels'>,
): Promise<PictureSize> {
  const size = await readPictureSize(bytes, option);
  check(size.width * size.height <= uploadPixels, {
    option,
    rule: `may have ${uploadPixels} pixels`,
    value: `${size.width}x${size.height}`,
    kind: 'usage',
  });
  return size;
}
