import type { OutputInfo } from 'sharp';
import { hasTransparency, openImage } from './open-image.js';

/** What every decoded picture is: three 8-bit channels. */
const CHANNELS = 3;

/** What to decode and how large. */
export interface DecodeOptions {
  /** A file's path, or its bytes. */
  readonly source: string | Uint8Array;
  /** Side of the square wanted, in pixels. */
  readonly size: number;
  /** The name that errors use. */
  readonly name: string;
  /** Told the name when some part is transparent; looking takes a second decoding of pictures with an alpha channel. */
  readonly onTransparent?: (name: string) => void;
}

/**
 * RGB bytes [size, size, 3] of any picture: turned upright by its EXIF tag, the first frame of an animation, the largest
 * central square, resized with Lanczos-3, transparent parts over white, 8-bit sRGB whatever the file holds.
 * Runs in a thread of libuv's pool. Rejects with the file's name when it is missing, no picture, or cut off.
 */
export async function decodeSquare({ source, size, name, onTransparent }: DecodeOptions): Promise<Uint8Array> {
  if (!Number.isInteger(size) || size < 1) {
    throw new RangeError(`decode: size must be a whole number of pixels above 0, got ${size}`);
  }
  let decoded: { data: Uint8Array; info: OutputInfo };
  try {
    const image = await openImage(source, { failOn: 'truncated', pages: 1 });
    if (onTransparent && (await hasTransparency(image))) onTransparent(name);
    decoded = await image
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .resize(size, size, { fit: 'cover', position: 'centre' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ').trim() : String(error);
    throw new Error(`decode: must be a whole picture file, got ${name} (${reason})`, { cause: error });
  }
  const { data, info } = decoded;
  if (info.channels !== CHANNELS) {
    throw new Error(`decode: must turn into ${CHANNELS} channels, got ${info.channels} from ${name}`);
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
