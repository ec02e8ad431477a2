import type { InputTypes } from '../program/scope.js';
import type { Dim } from '../program/shape.js';
import type { AutoencoderKLConfig } from './autoencoder-config.js';
import type { CLIPTextConfig, CLIPVisionConfig } from './clip-config.js';
import type { UNet2DConditionConfig } from './unet-config.js';

/** Sizes of a UNet's axes; a name makes the axis free. */
export interface UNetAxes {
  readonly batch: Dim;
  /** Of the latent. */
  readonly height: Dim;
  readonly width: Dim;
  readonly tokens: Dim;
  /** 0 (the default): one timestep for all, as in ONNX exports; 1: one for each, as in training. */
  readonly timestepRank?: 0 | 1;
  /** Length of `time_ids`; default 6. */
  readonly timeIds?: number;
}

type Types<Name extends string> = Readonly<Record<Name, InputTypes[string]>>;
type UNetInputName = 'sample' | 'timestep' | 'encoder_hidden_states';
type UNetExtraName = 'timestep_cond' | 'text_embeds' | 'time_ids';

/** Inputs of a UNet as in ONNX exports of optimum ≥ 1.24; the output is `out_sample`. The extras are there when the config has them. */
export function unetInputTypes(
  config: UNet2DConditionConfig,
  { batch, height, width, tokens, timestepRank = 0, timeIds = 6 }: UNetAxes,
): Types<UNetInputName> & Partial<Types<UNetExtraName>> {
  const { time_cond_proj_dim: guidance, projection_class_embeddings_input_dim: projected } = config;
  const pooled = (projected ?? 0) - timeIds * (config.addition_time_embed_dim ?? 0);
  return {
    sample: { shape: [batch, config.in_channels, height, width] },
    timestep: { shape: timestepRank === 0 ? [] : [batch] },
    encoder_hidden_states: { shape: [batch, tokens, config.cross_attention_dim] },
    ...(guidance === null ? {} : { timestep_cond: { shape: [batch, guidance] } }),
    ...(config.addition_embed_type === null
      ? {}
      : { text_embeds: { shape: [batch, pooled] }, time_ids: { shape: [batch, timeIds] } }),
  };
}

/** Batch, height and width of images or latents. */
export interface ImageAxes {
  readonly batch: Dim;
  readonly height: Dim;
  readonly width: Dim;
}

/** Input of the encoder: `sample`, an image; the output is `latent_parameters`. */
export const vaeEncoderInputTypes = (
  config: AutoencoderKLConfig,
  { batch, height, width }: ImageAxes,
): Types<'sample'> => ({
  sample: { shape: [batch, config.in_channels, height, width] },
});

/** Input of the decoder: `latent_sample`, with the latent's height and width; the output is `sample`. */
export const vaeDecoderInputTypes = (
  config: AutoencoderKLConfig,
  { batch, height, width }: ImageAxes,
): Types<'latent_sample'> => ({ latent_sample: { shape: [batch, config.latent_channels, height, width] } });

/** Input of a text encoder: `input_ids`; `tokens` must be a number, by default all positions. */
export const clipTextInputTypes = (
  config: CLIPTextConfig,
  { batch, tokens = config.max_position_embeddings }: { readonly batch: Dim; readonly tokens?: number },
): Types<'input_ids'> => ({ input_ids: { shape: [batch, tokens], dtype: 'int64' } });

/** Input of a vision encoder: `pixel_values`. */
export const clipVisionInputTypes = (
  config: CLIPVisionConfig,
  { batch }: { readonly batch: Dim },
): Types<'pixel_values'> => ({
  pixel_values: { shape: [batch, config.num_channels, config.image_size, config.image_size] },
});

/** Sizes of a T5 encoder's axes. */
export interface T5Axes {
  readonly batch: Dim;
  readonly tokens: number;
  /** Whether there is an input `attention_mask`; default false. */
  readonly masked?: boolean;
}

/** Inputs of T5's encoder: `input_ids`, and `attention_mask` where it is masked; `tokens` must be a number. */
export const t5EncoderInputTypes = ({
  batch,
  tokens,
  masked = false,
}: T5Axes): Types<'input_ids'> & Partial<Types<'attention_mask'>> => {
  const ids = { shape: [batch, tokens], dtype: 'int64' } as const;
  return { input_ids: ids, ...(masked ? { attention_mask: ids } : {}) };
};
