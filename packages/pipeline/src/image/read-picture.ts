import { existsSync } from 'node:fs';
import { hasTransparency, imageFacts, withImage } from '@lascaux/data';
import { LascauxError } from '@lascaux/nn';
import type { Sharp } from 'sharp';
import type { Mask, Picture } from './picture.js';

/** Width and height in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** How a file is read. */
interface ReadOptions {
  /** Names the option in errors. */
  readonly option: string;
  /** Called when some part is transparent. */
  readonly onTransparent?: () => void;
}

/**
 * The size of a picture file, turned upright.
 * @throws LascauxError (usage) naming the option when the file is missing or no picture.
 */
export async function readPictureSize(path: string, option: string): Promise<Size> {
  const { autoOrient } = await imageFacts({ source: path, name: path }).catch(unreadable(path, option));
  return { width: autoOrient.width, height: autoOrient.height };
}

/**
 * A picture file as RGB, turned upright, transparency over white, resized (Lanczos) to exactly this size.
 * @throws LascauxError (usage) naming the option when the file is missing or no picture.
 */
export async function readPicture(path: string, { width, height }: Size, options: ReadOptions): Promise<Picture> {
  const data = await readOnWhite(path, options, (image) =>
    image.resize(width, height, { fit: 'fill' }).toColourspace('srgb').removeAlpha(),
  );
  return { pixels: new Uint8Array(data), width, height };
}

/**
 * A mask file as one byte a pixel of its brightness, white = repaint; transparency over white.
 * @throws LascauxError (usage) naming the option when the file is missing or no picture.
 */
export async function readMask(path: string, { width, height }: Size, options: ReadOptions): Promise<Mask> {
  const data = await readOnWhite(path, options, (image) =>
    image.resize(width, height, { fit: 'fill', kernel: 'nearest' }).toColourspace('b-w'),
  );
  return { values: new Uint8Array(data), width, height };
}

/** The bytes of a picture, turned upright and on white, once it went through some more steps. */
async function readOnWhite(
  path: string,
  { option, onTransparent }: ReadOptions,
  steps: (image: Sharp) => Sharp,
): Promise<Buffer> {
  return withImage(sourceOf(path), async (image) => {
    if (onTransparent && (await hasTransparency(image))) onTransparent();
    return steps(image.autoOrient().flatten({ background: '#ffffff' }))
      .raw({ depth: 'uchar' })
      .toBuffer();
  }).catch(unreadable(path, option));
}

const sourceOf = (path: string) => ({ source: path, name: path, options: { failOn: 'truncated' } }) as const;

const unreadable =
  (path: string, option: string) =>
  (cause: unknown): never => {
    if (cause instanceof LascauxError) {
      const { rule, value, accepted } = cause;
      throw new LascauxError({ option, rule: `${path}: ${rule}`, value, accepted, kind: 'usage', cause });
    }
    throw new LascauxError({
      option,
      rule: existsSync(path) ? 'must be a whole picture file (png, jpg, webp …)' : 'no such file',
      value: path,
      kind: 'usage',
      cause,
    });
  };
