import { existsSync } from 'node:fs';
import { hasTransparency, imageFacts, withImage } from '@lascaux/data';
import { LascauxError } from '@lascaux/nn';
import type { Sharp } from 'sharp';
import type { Mask, Picture } from './picture.js';

/** An image file: its path, or its bytes. */
export type ImageInput = string | Uint8Array;

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
export async function readPictureSize(input: ImageInput, option: string): Promise<Size> {
  const { autoOrient } = await imageFacts({ source: input, name: nameOf(input) }).catch(unreadable(input, option));
  return { width: autoOrient.width, height: autoOrient.height };
}

/**
 * A picture file as RGB, turned upright, transparency over white, resized (Lanczos) to exactly this size.
 * @throws LascauxError (usage) naming the option when the file is missing or no picture.
 */
export async function readPicture(input: ImageInput, { width, height }: Size, options: ReadOptions): Promise<Picture> {
  const data = await readOnWhite(input, options, (image) =>
    image.resize(width, height, { fit: 'fill' }).toColourspace('srgb').removeAlpha(),
  );
  return { pixels: new Uint8Array(data), width, height };
}

/**
 * A mask file as one byte a pixel of its brightness, white = repaint; transparency over white.
 * @throws LascauxError (usage) naming the option when the file is missing or no picture.
 */
export async function readMask(input: ImageInput, { width, height }: Size, options: ReadOptions): Promise<Mask> {
  const data = await readOnWhite(input, options, (image) =>
    image.resize(width, height, { fit: 'fill', kernel: 'nearest' }).toColourspace('b-w'),
  );
  return { values: new Uint8Array(data), width, height };
}

/**
 * A mask from a file's transparency: what is transparent is repainted, what is opaque is kept, as OpenAI's image edits have it.
 * @returns undefined where the file has no transparent part
 * @throws LascauxError (usage) naming the option when the file is missing or no picture.
 */
export async function readTransparentMask(
  input: ImageInput,
  { width, height }: Size,
  { option }: Pick<ReadOptions, 'option'>,
): Promise<Mask | undefined> {
  return withImage(sourceOf(input), async (image) => {
    if (!(await hasTransparency(image))) return undefined;
    const opaque = await image
      .autoOrient()
      .extractChannel('alpha')
      .resize(width, height, { fit: 'fill', kernel: 'nearest' })
      .raw({ depth: 'uchar' })
      .toBuffer();
    return { values: Uint8Array.from(opaque, (alpha) => 255 - alpha), width, height };
  }).catch(unreadable(input, option));
}

/** The bytes of a picture, turned upright and on white, once it went through some more steps. */
async function readOnWhite(
  input: ImageInput,
  { option, onTransparent }: ReadOptions,
  steps: (image: Sharp) => Sharp,
): Promise<Buffer> {
  return withImage(sourceOf(input), async (image) => {
    if (onTransparent && (await hasTransparency(image))) onTransparent();
    return steps(image.autoOrient().flatten({ background: '#ffffff' }))
      .raw({ depth: 'uchar' })
      .toBuffer();
  }).catch(unreadable(input, option));
}

/** Bytes have no name of their own. */
const nameOf = (input: ImageInput): string => (typeof input === 'string' ? input : 'image');

const sourceOf = (input: ImageInput) =>
  ({ source: input, name: nameOf(input), options: { failOn: 'truncated' } }) as const;

const unreadable =
  (input: ImageInput, option: string) =>
  (cause: unknown): never => {
    if (cause instanceof LascauxError) {
      const { rule, value, accepted } = cause;
      throw new LascauxError({
        option,
        rule: typeof input === 'string' ? `${input}: ${rule}` : rule,
        value,
        accepted,
        kind: 'usage',
        cause,
      });
    }
    throw new LascauxError({
      option,
      rule:
        typeof input !== 'string' || existsSync(input)
          ? 'must be a whole picture file (png, jpg, webp …)'
          : 'no such file',
      value: typeof input === 'string' ? input : `${input.length} bytes`,
      kind: 'usage',
      cause,
    });
  };
