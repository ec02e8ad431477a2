import type { ModelFolder } from '@lascaux/models';
import { familyOf } from '../family/family-of.js';
import type { GenerateDefaults } from '../options/generate-defaults.js';

/** Latent consistency models (Luo et al. 2023), as diffusers runs them. */
const CONSISTENCY = { steps: 4, guidanceScale: 8.5 };
/** Their weights merged into a model that knows no guidance: four steps without. */
const MERGED_CONSISTENCY = { steps: 4, guidanceScale: 1 };
/** Flux distilled to few steps knows no guidance ("schnell"). */
const FEW_STEPS = { steps: 4, guidanceScale: 0 };

/**
 * A model's default settings: what it recommends under `_lascaux` in `model_index.json`, else the defaults of its family in
 * diffusers, with the size that the denoiser was trained on.
 */
export function defaultsOf(model: ModelFolder): GenerateDefaults {
  const { index, denoiserConfig, vaeConfig } = model;
  const family = familyOf(model);
  const usual = distilledDefaults(model) ?? family.defaults;
  const { steps = usual.steps, guidance = usual.guidanceScale, scheduler: sampler, size } = index.recommendation;
  const trained = denoiserConfig.sample_size ?? family.defaults.latentSide;
  const [latentHeight, latentWidth] = typeof trained === 'number' ? [trained, trained] : trained;
  const [width, height] = typeof size === 'number' ? [size, size] : (size ?? []);
  return {
    steps,
    guidanceScale: guidance,
    sampler,
    width: width ?? latentWidth * vaeConfig.spatialFactor,
    height: height ?? latentHeight * vaeConfig.spatialFactor,
  };
}

/** The steps and guidance of models that were distilled to few steps, where their configuration tells. */
function distilledDefaults({ denoiserConfig, schedulerConfig }: ModelFolder) {
  if (typeof denoiserConfig.time_cond_proj_dim === 'number') return CONSISTENCY;
  if (schedulerConfig._class_name === 'LCMScheduler') return MERGED_CONSISTENCY;
  return denoiserConfig.guidance_embeds === false ? FEW_STEPS : undefined;
}
