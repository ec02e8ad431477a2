import { check } from '@lascaux/nn';
import { checkOption, checkSize, type PictureSize } from '@lascaux/pipeline/options';
import type { PaintRequest } from '../painting/painter.js';
import type { ServedModel } from '../painting/served-model.js';
import type { ServerLimits } from '../server-limits.js';
import type { ImageParameters } from './image-parameters.js';

/**
 * What to paint, checked against the model as far as that is possible before it is loaded.
 * @param standard the size where none is named
 * @throws LascauxError (usage) naming the parameter
 */
export function paintRequestOf(
  { prompt, ...body }: Partial<ImageParameters> & { readonly prompt: string },
  { model, limits, standard = model.defaults }: { model: ServedModel; limits: ServerLimits; standard?: PictureSize },
): PaintRequest {
  const { sampler, seed, negative_prompt: negativePrompt, num_inference_steps: steps } = body;
  const size = sizeOf(body.size) ?? { width: standard.width, height: standard.height };
  checkPixels(size, limits);
  checkSize(size, model.sizes);
  if (sampler !== undefined) checkOption('sampler', sampler);
  return { prompt, negativePrompt, steps, seed, guidanceScale: body.guidance_scale, sampler, ...size };
}

/** @throws LascauxError (usage) when an image has more pixels than are painted here */
export function checkPixels({ width, height }: PictureSize, { pixels }: Pick<ServerLimits, 'pixels'>): void {
  check(width * height <= pixels, {
    option: 'size',
    rule: `may have ${pixels} pixels here`,
    value: `${width}x${height}`,
    kind: 'usage',
  });
}

/** `512x384` as a size; undefined for `auto` and nothing. */
export function sizeOf(size: string | undefined): PictureSize | undefined {
  if (size === undefined || size === 'auto') return undefined;
  const [width = 0, height = 0] = size.split('x').map(Number);
  return { width, height };
}
