import { check } from '@lascaux/nn';
import { bytesToImage } from '@lascaux/vae';
import type { LoadedModel } from './loaded-model.js';
import { hideMasked, latentMask, type Source } from './source-picture.js';

/**
 * What an inpainting network sees besides the latent: mask [1, h, w], then the latent of the picture without the masked
 * part; undefined for other networks.
 * @throws LascauxError when the network needs a mask and there is none, or takes a number of channels that means nothing.
 */
export async function inpaintingChannels(
  { model, family, denoiser, vaeEncoder }: LoadedModel,
  source: Source | undefined,
): Promise<Float32Array | undefined> {
  const { latentChannels, spatialFactor } = model.vaeConfig;
  const channels = family.layout.channelsOf(denoiser.inputChannels ?? model.denoiserConfig.in_channels);
  if (channels === latentChannels) return undefined;
  const operation = model.name;
  check(channels === 2 * latentChannels + 1, {
    operation,
    rule: `the denoiser takes an unknown input for latents of ${latentChannels} channels`,
    value: `${channels} channels`,
  });
  check(source?.mask !== undefined, {
    operation,
    rule: 'this model repaints, so it needs a picture and a mask',
    kind: 'usage',
  });
  const { image, mask } = source;
  const encoder = await vaeEncoder();
  const hidden = await encoder.encode(hideMasked(bytesToImage(image.pixels, image), mask), image);
  const cells = latentMask(mask, spatialFactor);
  const joined = new Float32Array(cells.length + hidden.length);
  joined.set(cells);
  joined.set(hidden, cells.length);
  return joined;
}
