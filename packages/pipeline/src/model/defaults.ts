import type { ModelFolder } from './model-folder.js';

/** The settings a model paints with when the caller says nothing. */
export interface GenerateDefaults {
  readonly steps: number;
  readonly guidanceScale: number;
  /** A sampler's name; undefined for the one in the model's own scheduler configuration. */
  readonly scheduler: string | undefined;
  readonly width: number;
  readonly height: number;
}

/** What diffusers' StableDiffusionPipeline uses. */
const STEPS = 50;
const GUIDANCE_SCALE = 7.5;
/** Side of the latent where a UNet's configuration is missing: 512 pixels at factor 8. */
const LATENT_SIDE = 64;

/**
 * A model's default settings: what it recommends under `_lascaux` in `model_index.json`, else diffusers' defaults, with
 * the size that the denoiser was trained on.
 */
export function defaultsOf({ index, denoiserConfig, vaeConfig }: ModelFolder): GenerateDefaults {
  const { steps = STEPS, guidance = GUIDANCE_SCALE, scheduler, size } = index.recommendation;
  const trained = denoiserConfig.sample_size ?? LATENT_SIDE;
  const [latentHeight, latentWidth] = typeof trained === 'number' ? [trained, trained] : trained;
  const [width, height] = typeof size === 'number' ? [size, size] : (size ?? []);
  return {
    steps,
    guidanceScale: guidance,
    scheduler,
    width: width ?? latentWidth * vaeConfig.spatialFactor,
    height: height ?? latentHeight * vaeConfig.spatialFactor,
  };
}
