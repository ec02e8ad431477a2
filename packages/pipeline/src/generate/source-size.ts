import type { ModelFolder } from '@lascaux/models';
import { SETTING_RANGES } from '@lascaux/models/naming';
import { check } from '@lascaux/nn';
import { isPicture } from '../image/picture.js';
import type { SourceOptions } from '../image/read-source.js';
import { checkSize, sizeLike } from '../options/size-rules.js';
import type { PictureSize } from '../options/value-types.js';
import { defaultsOf } from './defaults.js';
import { sizeRulesOf } from './picture-size.js';

const range = SETTING_RANGES.side;

const isPaintable = ({ width, height }: PictureSize): boolean =>
  Math.min(width, height) >= range.minimum && Math.max(width, height) <= range.maximum;

async function sizeOfImage(image: NonNullable<SourceOptions['image']>): Promise<PictureSize> {
  if (isPicture(image)) return image;
  const { readPictureSize } = await import('../image/read-picture.js');
  return readPictureSize(image, 'image');
}

/**
 * The size to paint: the one that is named, else the image's shape at about the model's number of pixels, else the model's own. It is checked
 * against the model's configuration; what its graphs fix is checked once they are loaded.
 * @throws {LascauxError} (usage) naming the option that the model cannot paint
 */
export async function sourceSize(
  { width, height, image }: Pick<SourceOptions, 'width' | 'height' | 'image'>,
  model: ModelFolder,
): Promise<PictureSize> {
  const defaults = defaultsOf(model);
  const rules = sizeRulesOf(model);
  const like = image === undefined ? defaults : sizeLike(await sizeOfImage(image), defaults, rules);
  const size = { width: width ?? like.width, height: height ?? like.height };
  check(width !== undefined || height !== undefined || image === undefined || isPaintable(like), {
    option: 'image',
    rule: 'too long and thin to be painted in its own shape; name width and height',
    value: `${like.width}x${like.height}`,
    accepted: `sides of ${range.minimum} to ${range.maximum}`,
    kind: 'usage',
  });
  checkSize(size, rules);
  return size;
}
