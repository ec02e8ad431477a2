import sharp from 'sharp';
import { embedUserComment, placeholderFor } from './exif-comment.js';
import type { ImageEncoding, ImageFormat } from './image-format.js';
import type { Picture } from './picture.js';
import { insertPngText } from './png-chunks.js';

/** The keyword under which AUTOMATIC1111's readers look for a picture's settings. */
export const PARAMETERS_KEYWORD = 'parameters';

const QUALITY = 95;

/**
 * The picture as the bytes of a file, with the settings text inside: a `parameters` text chunk in PNG, the EXIF
 * UserComment in JPEG and WebP (left out there when it exceeds the 64 KB that EXIF can hold). The same picture and
 * text always give the same bytes.
 */
export async function encodeImage(
  picture: Picture,
  encoding: ImageFormat | ImageEncoding,
  parameters?: string,
): Promise<Uint8Array> {
  const { format, quality = QUALITY } = typeof encoding === 'string' ? { format: encoding } : encoding;
  const { pixels, width, height } = picture;
  const image = sharp(pixels, { raw: { width, height, channels: 3 } });
  if (format === 'png') {
    const png = await image.png().toBuffer();
    return parameters === undefined ? png : insertPngText(png, PARAMETERS_KEYWORD, parameters);
  }
  const placeholder = parameters === undefined ? undefined : placeholderFor(parameters);
  const commented = placeholder === undefined ? image : image.withExif({ IFD2: { UserComment: placeholder } });
  const encoded = await commented.toFormat(format, { quality }).toBuffer();
  return placeholder === undefined || parameters === undefined
    ? encoded
    : embedUserComment(encoded, placeholder, parameters);
}
