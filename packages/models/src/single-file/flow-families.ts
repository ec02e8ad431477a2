import type { CheckpointFamily } from './checkpoint-family.js';
import { clip, clipTokenizer, END, network, t5, t5Tokenizer, UNET, vae } from './held-networks.js';
import { fluxConfig, fluxParts, sd3Config, sd3Parts } from './joint-transformers.js';
import { dynamicFlow, flow } from './schedulers.js';
import type { Entries } from './shapes.js';

/** Stable Diffusion 3 and 3.5. */
export function stableDiffusion3(entries: Entries): CheckpointFamily {
  const transformer = network(entries, [UNET, ''], (inside) => ({
    className: 'SD3Transformer2DModel',
    config: sd3Config(inside),
    parts: sd3Parts(inside),
  }));
  const isFirst = (transformer?.config.qk_norm ?? null) === null;
  return {
    name: isFirst ? 'Stable Diffusion 3' : 'Stable Diffusion 3.5',
    pipeline: 'StableDiffusion3Pipeline',
    settings: { feature_extractor: [null, null], image_encoder: [null, null] },
    networks: {
      text_encoder: clip(entries, ['text_encoders.clip_l.transformer.'], { projected: true }),
      text_encoder_2: clip(entries, ['text_encoders.clip_g.transformer.'], { projected: true }),
      text_encoder_3: t5(entries, ['text_encoders.t5xxl.transformer.']),
      transformer,
      vae: vae(entries, { scaling_factor: 1.5305, shift_factor: 0.0609 }),
    },
    optional: ['text_encoder_3'],
    tokenizers: {
      tokenizer: clipTokenizer('text_encoder', END),
      tokenizer_2: clipTokenizer('text_encoder_2', '!'),
      tokenizer_3: t5Tokenizer('text_encoder_3'),
    },
    scheduler: flow(3),
    prediction: 'flow',
  };
}

/** Flux.1. */
export function flux(entries: Entries): CheckpointFamily {
  const transformer = network(entries, [UNET, ''], (inside) => ({
    className: 'FluxTransformer2DModel',
    config: fluxConfig(inside),
    parts: fluxParts(inside),
  }));
  const isGuided = transformer?.config.guidance_embeds === true;
  return {
    name: isGuided ? 'Flux.1 dev' : 'Flux.1 schnell',
    pipeline: 'FluxPipeline',
    settings: { feature_extractor: [null, null], image_encoder: [null, null] },
    networks: {
      text_encoder: clip(entries, ['text_encoders.clip_l.transformer.'], { projected: false }),
      text_encoder_2: t5(entries, ['text_encoders.t5xxl.transformer.']),
      transformer,
      vae: vae(entries, { scaling_factor: 0.3611, shift_factor: 0.1159 }),
    },
    optional: [],
    tokenizers: {
      tokenizer: clipTokenizer('text_encoder', END),
      tokenizer_2: t5Tokenizer('text_encoder_2'),
    },
    scheduler: isGuided ? dynamicFlow : flow(1),
    prediction: 'flow',
  };
}
