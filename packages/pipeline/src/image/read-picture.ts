import { existsSync } from 'node:fs';
import { imageFacts, withImage } from '@lascaux/data';
import { LascauxError } from '@lascaux/nn';
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
  const { autoOrient } = await imageFacts({ source: path, name: path }).catch(unreadable(path, flag));
  return { width: autoOrient.width, height: autoOrient.height };
}

/**
 * A picture file as RGB, turned upright, transparency over white, resized (Lanczos) to exactly this size.
 * @throws LascauxError (usage) naming the flag when the file is missing or no picture.
 */
export async function readPicture(path: string, { width, height }: Size, flag: string): Promise<Picture> {
  const data = await withImage(sourceOf(path), (image) =>
    image
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .resize(width, height, { fit: 'fill' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer(),
  ).catch(unreadable(path, flag));
  return { pixels: new Uint8Array(data), width, height };
}

/**
 * A mask file as one byte a pixel of its brightness, white = repaint; transparent parts count as black.
 * @throws LascauxError (usage) naming the flag when the file is missing or no picture.
 */
export async function readMask(path: string, { width, height }: Size, flag: string): Promise<Mask> {
  const data = await withImage(sourceOf(path), (image) =>
    image
      .autoOrient()
      .flatten({ background: '#000000' })
      .resize(width, height, { fit: 'fill', kernel: 'nearest' })
      .toColourspace('b-w')
      .raw({ depth: 'uchar' })
      .toBuffer(),
  ).catch(unreadable(path, flag));
  return { values: new Uint8Array(data), width, height };
}

const sourceOf = (path: string) => ({ source: path, name: path, options: { failOn: 'truncated' } }) as const;

const unreadable =
  (path: string, operation: string) =>
  (cause: unknown): never => {
    if (cause instanceof LascauxError) {
      const { rule, value, accepted } = cause;
      throw new LascauxError({ operation, rule: `${path}: ${rule}`, value, accepted, kind: 'usage', cause });
    }
    throw new LascauxError({
      operation,
      rule: existsSync(path) ? 'must be a whole picture file (png, jpg, webp …)' : 'no such file',
      value: path,
      kind: 'usage',
      cause,
    });
  };
