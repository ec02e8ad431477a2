import type { GenerateOptions } from '../options/generate-options.js';
import type { PictureSize } from '../options/value-types.js';
import { isMask, isPicture, type Mask, type Picture } from './picture.js';
import { readMask, readPicture, type ImageInput } from './read-picture.js';

/** An image to start from: decoded, at the size to paint; or the path or the bytes of a file. */
export type SourceImage = Picture | ImageInput;
/** A mask: decoded, at the size to paint; or the path or the bytes of a file, white where it is repainted. */
export type SourceMask = Mask | ImageInput;

/** Options of a call whose image and mask may be files. */
export interface SourceOptions extends Omit<GenerateOptions, 'image' | 'mask'> {
  readonly image?: SourceImage;
  readonly mask?: SourceMask;
}

/**
 * The image and mask of a call, decoded: turned upright, transparent parts over white, resized (Lanczos; masks by the nearest pixel).
 * @param onTransparent told the option whose file has transparent parts
 * @throws {LascauxError} (usage) naming the option whose file is missing or no image
 */
export async function readSource(
  { image, mask }: Pick<SourceOptions, 'image' | 'mask'>,
  size: PictureSize,
  onTransparent?: (option: 'image' | 'mask') => void,
): Promise<Pick<GenerateOptions, 'image' | 'mask'>> {
  const options = (option: 'image' | 'mask') => ({ option, onTransparent: () => onTransparent?.(option) });
  if (image === undefined) return {};
  if (isPicture(image) && (mask === undefined || isMask(mask))) return { image, ...(mask && { mask }) };
  return {
    image: isPicture(image) ? image : await readPicture(image, size, options('image')),
    ...(mask !== undefined && { mask: isMask(mask) ? mask : await readMask(mask, size, options('mask')) }),
  };
}
