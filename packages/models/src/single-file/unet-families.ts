import type { CheckpointFamily, CheckpointHints, HeldNetwork } from './checkpoint-family.js';
import { clip, clipTokenizer, END, unet, vae } from './held-networks.js';
import { ddim, euler, pndm, type Prediction } from './schedulers.js';
import { has, type Entries } from './shapes.js';

/** The prediction that somebody named, here or in the file's header. */
function namedPrediction({ metadata, prediction }: CheckpointHints): Prediction | undefined {
  if (prediction !== undefined) return prediction;
  const said = metadata['modelspec.prediction_type'];
  return said === 'v' || said === 'v_prediction' ? 'v_prediction' : said === 'epsilon' ? 'epsilon' : undefined;
}

const MASKED_INPUTS = 9;
const inpaints = (network: HeldNetwork | undefined): boolean => network?.config.in_channels === MASKED_INPUTS;

const noChecker = { safety_checker: [null, null], feature_extractor: [null, null], requires_safety_checker: false };

/** Stable Diffusion 1. */
export function stableDiffusion1(entries: Entries, hints: CheckpointHints): CheckpointFamily {
  const prediction = namedPrediction(hints) ?? 'epsilon';
  const denoiser = unet(entries);
  return {
    name: 'Stable Diffusion 1',
    pipeline: inpaints(denoiser) ? 'StableDiffusionInpaintPipeline' : 'StableDiffusionPipeline',
    settings: noChecker,
    networks: {
      text_encoder: clip(entries, ['cond_stage_model.transformer.', 'cond_stage_model.'], { projected: false }),
      unet: denoiser,
      vae: vae(entries, { scaling_factor: 0.18215 }),
    },
    optional: [],
    tokenizers: { tokenizer: clipTokenizer('text_encoder', END) },
    scheduler: pndm(prediction),
    prediction,
  };
}

/** The second layer from the end is read, so the last one is left out. */
const SKIPPED_BY_SD2 = 1;

/** Stable Diffusion 2. */
export function stableDiffusion2(entries: Entries, hints: CheckpointHints): CheckpointFamily {
  // The files do not say which of both they predict; the larger models, which most are made of, predict velocity.
  const prediction = namedPrediction(hints) ?? (inpaints(unet(entries)) ? 'epsilon' : 'v_prediction');
  const denoiser = unet(entries);
  const sample = { sample_size: prediction === 'v_prediction' ? 96 : 64 };
  return {
    name: 'Stable Diffusion 2',
    pipeline: inpaints(denoiser) ? 'StableDiffusionInpaintPipeline' : 'StableDiffusionPipeline',
    settings: noChecker,
    networks: {
      text_encoder: clip(entries, ['cond_stage_model.model.'], { projected: false, skipped: SKIPPED_BY_SD2 }),
      unet: denoiser && { ...denoiser, config: { ...denoiser.config, ...sample } },
      vae: vae(entries, { scaling_factor: 0.18215 }),
    },
    optional: [],
    tokenizers: { tokenizer: clipTokenizer('text_encoder', '!') },
    scheduler: ddim(prediction),
    prediction,
  };
}

/** Keys without numbers by which trainers of SDXL mark what a model predicts. */
const [VELOCITY_KEY, ZERO_SIGNAL_KEY] = ['v_pred', 'ztsnr'];

/** SDXL, base or refiner. */
export function sdxl(entries: Entries, hints: CheckpointHints): CheckpointFamily {
  const isRefiner = has(entries, 'conditioner.embedders.0.model.transformer.');
  const prediction = namedPrediction(hints) ?? (entries.has(VELOCITY_KEY) ? 'v_prediction' : 'epsilon');
  const denoiser = unet(entries);
  const large = clip(entries, [`conditioner.embedders.${isRefiner ? 0 : 1}.model.`], { projected: true });
  const small = clip(entries, ['conditioner.embedders.0.transformer.'], { projected: false });
  const whole = inpaints(denoiser) ? 'StableDiffusionXLInpaintPipeline' : 'StableDiffusionXLPipeline';
  return {
    name: isRefiner ? 'SDXL refiner' : 'SDXL',
    pipeline: isRefiner ? 'StableDiffusionXLImg2ImgPipeline' : whole,
    settings: {
      feature_extractor: [null, null],
      force_zeros_for_empty_prompt: !isRefiner,
      ...(isRefiner
        ? { requires_aesthetics_score: true, text_encoder: [null, null], tokenizer: [null, null] }
        : {}),
    },
    networks: {
      ...(isRefiner ? {} : { text_encoder: small }),
      text_encoder_2: large,
      unet: denoiser && { ...denoiser, config: { ...denoiser.config, sample_size: 128 } },
      vae: vae(entries, { scaling_factor: 0.13025 }),
    },
    optional: [],
    tokenizers: {
      ...(isRefiner ? {} : { tokenizer: clipTokenizer('text_encoder', END) }),
      tokenizer_2: clipTokenizer('text_encoder_2', '!'),
    },
    scheduler: euler(prediction, entries.has(ZERO_SIGNAL_KEY)),
    prediction,
  };
}
