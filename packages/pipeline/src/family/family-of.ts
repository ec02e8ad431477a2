import { LascauxError } from '@lascaux/nn';
import type { DenoiserConfig } from '../model/component-config.js';
import type { ModelIndex } from '../model/model-index.js';
import type { Family } from './family.js';
import { flux } from './flux.js';
import { stableDiffusion } from './stable-diffusion.js';
import { stableDiffusion3 } from './stable-diffusion-3.js';
import { stableDiffusionXl } from './stable-diffusion-xl.js';

const transformers: Readonly<Record<string, Family>> = {
  SD3Transformer2DModel: stableDiffusion3,
  FluxTransformer2DModel: flux,
};

/**
 * The family of a model, by its denoiser: a UNet that knows sizes is SDXL's; a transformer is known by its class, in
 * `config.json` or else in `model_index.json`.
 * @throws LascauxError for a class of transformer that is not known.
 */
export function familyOf({ components, className }: ModelIndex, config: DenoiserConfig, path: string): Family {
  if (components.unet !== undefined) {
    const knowsSizes = config.addition_embed_type === 'text_time' || components.text_encoder_2 !== undefined;
    return knowsSizes ? stableDiffusionXl : stableDiffusion;
  }
  const name = config._class_name ?? components.transformer ?? '';
  const family = transformers[name];
  if (family !== undefined) return family;
  throw new LascauxError({
    operation: path,
    rule: `the transformer of ${className} is of a class that cannot be run yet`,
    value: name,
    accepted: Object.keys(transformers),
  });
}
