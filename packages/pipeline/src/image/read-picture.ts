import { existsSync } from 'node:fs';
import { HEIC_ADVICE, openImage } from '@lascaux/data';
import { LascauxError } from '@lascaux/nn';
import type { Sharp, SharpOptions } from 'sharp';
import type { Mask } from '../source-picture.js';
import type { Picture } from './picture.js';

/** Width and height in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The size of a picture file, turned upright.
 * @throws LascauxError (usage) naming the flag when the file is missing or no picture.
 */
export async function readPictureSize(path: string, flag: string): Promise<Size> {
  const { autoOrient } = await opened(path, flag)
    .then((image) => image.metadata())
    .catch(unreadable(path, flag));
  return { width: autoOrient.width, height: autoOrient.height };
}

/**
 * A picture file as RGB, turned upright, transparency over white, resized (Lanczos) to exactly this size.
 * @throws LascauxError (usage) naming the flag when the file is missing or no picture.
 */
export async function readPicture(path: string, { width, height }: Size, flag: string): Promise<Picture> {
  const image = await opened(path, flag, { failOn: 'truncated' });
  const data = await image
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .resize(width, height, { fit: 'fill' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch(unreadable(path, flag));
  return { pixels: new Uint8Array(data), width, height };
}

/**
 * A mask file as one byte a pixel of its brightness, white = repaint; transparent parts count as black.
 * @throws LascauxError (usage) naming the flag when the file is missing or no picture.
 */
export async function readMask(path: string, { width, height }: Size, flag: string): Promise<Mask> {
  const image = await opened(path, flag, { failOn: 'truncated' });
  const data = await image
    .autoOrient()
    .flatten({ background: '#000000' })
    .resize(width, height, { fit: 'fill', kernel: 'nearest' })
    .toColourspace('b-w')
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch(unreadable(path, flag));
  return { values: new Uint8Array(data), width, height };
}

const opened = (path: string, flag: string, options: SharpOptions = {}): Promise<Sharp> =>
  openImage(path, options).catch(unreadable(path, flag));

const unreadable =
  (path: string, operation: string) =>
  (cause: unknown): never => {
    if (cause instanceof LascauxError) throw cause;
    const isHeic = cause instanceof Error && cause.message === HEIC_ADVICE;
    const broken = isHeic ? HEIC_ADVICE : 'must be a whole picture file (png, jpg, webp …)';
    throw new LascauxError({
      operation,
      rule: existsSync(path) ? broken : 'no such file',
      value: path,
      kind: 'usage',
      cause,
    });
  };
