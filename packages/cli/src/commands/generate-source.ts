import { check } from '@lascaux/nn';
import type { ModelFolder } from '@lascaux/models';
import { SETTING_RANGES } from '@lascaux/models/naming';
import { defaultsOf, largestSide, sizeLike, sizeMultiple, type GenerateOptions } from '@lascaux/pipeline';
import { checkSize, type PictureSize } from '@lascaux/pipeline/options';
import { flagOf } from './flag-of.js';
import type { FlaggedOptions } from './generate-flags.js';

/** The options that say what to start from, and at which size. */
type SourceFlags = Pick<FlaggedOptions, 'width' | 'height' | 'image' | 'mask'>;

/** What to start from, read from its files. */
interface SourceImages {
  readonly image: GenerateOptions['image'];
  readonly mask: GenerateOptions['mask'];
}

/**
 * The size to paint: the flags', else that of the picture to start from, at about the model's number of pixels, else the
 * model's own. It is checked against the configuration here; what the graphs fix is checked once they are loaded.
 * @throws LascauxError (usage) naming the option that the model cannot paint.
 */
export async function pictureSize({ width, height, image }: SourceFlags, model: ModelFolder): Promise<PictureSize> {
  const defaults = defaultsOf(model);
  const multiple = sizeMultiple(model);
  const like = image === undefined ? defaults : sizeLike(await sizeOfPicture(image), defaults, multiple);
  const size = { width: width ?? like.width, height: height ?? like.height };
  check(width !== undefined || height !== undefined || image === undefined || isPaintable(like), {
    operation: '--image',
    rule: 'too long and thin to be painted in its own shape; name --width and --height',
    value: `${like.width}x${like.height}`,
    accepted: `sides of ${range.minimum} to ${range.maximum}`,
    kind: 'usage',
  });
  checkSize(size, { multiple, largest: largestSide(model) });
  return size;
}

const range = SETTING_RANGES.side;

const isPaintable = ({ width, height }: PictureSize): boolean =>
  Math.min(width, height) >= range.minimum && Math.max(width, height) <= range.maximum;

async function sizeOfPicture(path: string) {
  const { readPictureSize } = await import('@lascaux/pipeline/image');
  return readPictureSize(path, 'image');
}

/**
 * What to start from, at the size to paint.
 * @param note told what becomes of transparent parts
 * @throws LascauxError (usage) naming the option whose file is missing or no image.
 */
export async function readSource(
  { image, mask }: SourceFlags,
  size: PictureSize,
  note: (line: string) => void,
): Promise<SourceImages> {
  if (image === undefined) return { image, mask: undefined };
  const options = (option: string) => ({
    option,
    onTransparent: () => note(`${flagOf(option)}: white was laid behind the transparent parts`),
  });
  const { readMask, readPicture } = await import('@lascaux/pipeline/image');
  return {
    image: await readPicture(image, size, options('image')),
    mask: mask === undefined ? undefined : await readMask(mask, size, options('mask')),
  };
}
