import type { ModelFolder } from '@lascaux/models';
import { familyOf } from '../family/family-of.js';
import type { SizeRules } from '../options/size-rules.js';

/**
 * What the sides of a picture must be multiples of: the autoencoder's factor times what the denoiser says of its graph;
 * where it says nothing, times how often it halves the latent. Most exporters' graphs double back without looking at the
 * size they came from, so odd sizes in between fail.
 */
export function sizeMultiple(model: ModelFolder): number {
  const { _lascaux: own, down_block_types: blocks, patch_size: patch } = model.denoiserConfig;
  const halved =
    blocks === undefined ? Math.max(patch ?? 1, familyOf(model).layout.multiple) : 2 ** (blocks.length - 1);
  return model.vaeConfig.spatialFactor * (own?.latent_size ?? own?.latent_multiple ?? halved);
}

/** The largest side that a model can paint, where it knows the positions of so many patches only, or paints one size; undefined where there is no such limit. */
export function largestSide({
  vaeConfig,
  denoiserConfig: { pos_embed_max_size: patches, patch_size: patch, _lascaux: own },
}: Pick<ModelFolder, 'vaeConfig' | 'denoiserConfig'>): number | undefined {
  if (own?.latent_size !== undefined) return own.latent_size * vaeConfig.spatialFactor;
  return patches == null ? undefined : patches * (patch ?? 1) * vaeConfig.spatialFactor;
}

/** What a model's configuration says of the sizes that it paints; what a graph fixes besides is known once it is loaded. */
export function sizeRulesOf(model: ModelFolder): SizeRules {
  const cells = model.denoiserConfig._lascaux?.latent_size;
  const fixed = cells === undefined ? undefined : cells * model.vaeConfig.spatialFactor;
  return { multiple: sizeMultiple(model), largest: largestSide(model), fixedWidth: fixed, fixedHeight: fixed };
}
