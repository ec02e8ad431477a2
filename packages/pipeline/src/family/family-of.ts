import type { ModelFolder } from '@lascaux/models';
import { LascauxError, check, pathIn } from '@lascaux/nn';
import type { Family, SchedulerConfig } from './family.js';
import { flux } from './flux.js';
import { pixArtOf } from './pixart.js';
import { stableDiffusion } from './stable-diffusion.js';
import { stableDiffusion3 } from './stable-diffusion-3.js';
import { stableDiffusionXl } from './stable-diffusion-xl.js';

const transformers: Readonly<Record<string, (model: ModelFolder) => Family>> = {
  SD3Transformer2DModel: () => stableDiffusion3,
  FluxTransformer2DModel: () => flux,
  PixArtTransformer2DModel: pixArtOf,
};

/** The class of several transformers before diffusers 0.29; PixArt's have this norm. */
const OLD_TRANSFORMER = { className: 'Transformer2DModel', norm: 'ada_norm_single' };

/** Parts of `model_index.json` that every family uses. */
const usedParts = ['scheduler', 'unet', 'transformer', 'tokenizer', 'tokenizer_2', 'tokenizer_3'];
/** Those that painting does without. */
const ignoredParts = [
  'safety_checker',
  'feature_extractor',
  'image_encoder',
  'vae',
  'vae_encoder',
  'vae_decoder',
  'watermarker',
];

/**
 * The family of a model, by its denoiser: a UNet that knows sizes is SDXL's; a transformer is known by its class, in
 * `config.json` or else in `model_index.json`.
 * @throws LascauxError for a class of transformer that is not known, and for a part that the family would leave out.
 */
export function familyOf(model: ModelFolder): Family {
  const family = ofDenoiser(model);
  const { components, className } = model.index;
  const texts: readonly string[] = family.texts.map(({ component }) => component);
  const accepted = [...usedParts, ...texts, ...ignoredParts];
  const unexpected = Object.keys(components).find((name) => !accepted.includes(name));
  check(unexpected === undefined, {
    operation: pathIn(model.path, 'model_index.json'),
    rule: `${className} has a part that ${family.name} does not know`,
    value: unexpected,
    accepted,
  });
  return family;
}

/** The scheduler's configuration of a model as its family corrects it. @throws LascauxError as {@link familyOf} */
export function schedulerConfigOf(model: ModelFolder): SchedulerConfig {
  const { schedulerConfig: correct = (config) => config } = familyOf(model);
  return correct(model.schedulerConfig);
}

function ofDenoiser(model: ModelFolder): Family {
  const { index, denoiserConfig: config, path } = model;
  const { components, className } = index;
  if (components.unet !== undefined) {
    const knowsSizes = config.addition_embed_type === 'text_time' || components.text_encoder_2 !== undefined;
    return knowsSizes ? stableDiffusionXl : stableDiffusion;
  }
  const name = config._class_name ?? components.transformer ?? '';
  const isOldPixArt = name === OLD_TRANSFORMER.className && config.norm_type === OLD_TRANSFORMER.norm;
  const family = isOldPixArt ? pixArtOf : transformers[name];
  if (family !== undefined) return family(model);
  throw new LascauxError({
    operation: path,
    rule: `the transformer of ${className} is of a class that cannot be run yet`,
    value: name,
    accepted: Object.keys(transformers),
  });
}
