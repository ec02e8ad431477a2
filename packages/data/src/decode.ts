import { LascauxError, check } from '@lascaux/nn';
import type { Sharp } from 'sharp';
import { hasTransparency } from './transparency.js';
import { withImage } from './with-image.js';

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
    throw new LascauxError({
      operation: 'decode',
      rule: 'size must be a whole number of pixels above 0',
      value: size,
      kind: 'usage',
    });
  }
  try {
    const options = { failOn: 'truncated', pages: 1 } as const;
    return await withImage({ source, name, options }, async (image) => {
      if (onTransparent && (await hasTransparency(image))) onTransparent(name);
      return square(image, size, name);
    });
  } catch (cause) {
    if (cause instanceof LascauxError) throw cause;
    const reason = cause instanceof Error ? cause.message.replaceAll(/\s+/g, ' ').trim() : String(cause);
    throw new LascauxError({
      operation: 'decode',
      rule: `must be a whole image file, got ${name} (${reason})`,
      cause,
    });
  }
}

async function square(image: Sharp, size: number, name: string): Promise<Uint8Array> {
  const { data, info } = await image
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .resize(size, size, { fit: 'cover', position: 'centre' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const rule = `must turn into ${CHANNELS} channels, got ${info.channels} from ${name}`;
  check(info.channels === CHANNELS, { operation: 'decode', rule });
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
