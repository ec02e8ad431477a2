import type { ModelFolder } from '@lascaux/models';
import { SETTING_RANGES } from '@lascaux/models/naming';
import { check } from '@lascaux/nn';
import { familyOf } from '../family/family-of.js';
import { isPicture } from '../image/picture.js';
import type { SourceOptions } from '../image/read-source.js';
import { checkSize } from '../options/size-rules.js';
import type { PictureSize } from '../options/value-types.js';
import { defaultsOf } from './defaults.js';

/**
 * The size at which a model paints from a picture: the picture's shape, about as many pixels as the model's own size,
 * both sides in multiples that the model can paint.
 */
export function sizeLike(picture: PictureSize, model: PictureSize, multiple: number): PictureSize {
  const ratio = Math.sqrt((model.width * model.height) / (picture.width * picture.height));
  const side = (pixels: number): number => Math.max(1, Math.round((pixels * ratio) / multiple)) * multiple;
  return { width: side(picture.width), height: side(picture.height) };
}

/**
 * What the sides of a picture must be multiples of: the autoencoder's factor times what the denoiser says of its graph;
 * where it says nothing, times how often it halves the latent. Most exporters' graphs double back without looking at the
 * size they came from, so odd sizes in between fail.
 */
export function sizeMultiple(model: ModelFolder): number {
  const { _lascaux: own, down_block_types: blocks, patch_size: patch } = model.denoiserConfig;
  const halved =
    blocks === undefined ? Math.max(patch ?? 1, familyOf(model).layout.multiple) : 2 ** (blocks.length - 1);
  return model.vaeConfig.spatialFactor * (own?.latent_multiple ?? halved);
}

/** The largest side that a model can paint, where it knows the positions of so many patches only; undefined where there is no such limit. */
export function largestSide({
  vaeConfig,
  denoiserConfig: { pos_embed_max_size: patches, patch_size: patch },
}: Pick<ModelFolder, 'vaeConfig' | 'denoiserConfig'>): number | undefined {
  return patches == null ? undefined : patches * (patch ?? 1) * vaeConfig.spatialFactor;
}

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
  const multiple = sizeMultiple(model);
  const like = image === undefined ? defaults : sizeLike(await sizeOfImage(image), defaults, multiple);
  const size = { width: width ?? like.width, height: height ?? like.height };
  check(width !== undefined || height !== undefined || image === undefined || isPaintable(like), {
    option: 'image',
    rule: 'too long and thin to be painted in its own shape; name width and height',
    value: `${like.width}x${like.height}`,
    accepted: `sides of ${range.minimum} to ${range.maximum}`,
    kind: 'usage',
  });
  checkSize(size, { multiple, largest: largestSide(model) });
  return size;
}
