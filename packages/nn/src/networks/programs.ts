import type { Program, Value } from '../program/program.js';
import { trace } from '../program/scope.js';
import type { Dim } from '../program/shape.js';
import type { AutoencoderKLConfig } from './autoencoder-config.js';
import { autoencoderKLDecode, autoencoderKLEncode } from './autoencoder.js';
import type { CLIPTextConfig, CLIPVisionConfig } from './clip-config.js';
import { clipText, clipTextWithProjection } from './clip-text.js';
import { clipVisionWithProjection } from './clip-vision.js';
import type { ImageAxes, T5Axes, UNetAxes } from './input-types.js';
import {
  clipTextInputTypes,
  clipVisionInputTypes,
  t5EncoderInputTypes,
  unetInputTypes,
  vaeDecoderInputTypes,
  vaeEncoderInputTypes,
} from './input-types.js';
import type { T5Config } from './t5-config.js';
import { t5Encoder } from './t5.js';
import type { UNet2DConditionConfig } from './unet-config.js';
import { unet2DCondition } from './unet.js';

/** The UNet as a program with the inputs of `unetInputTypes` and the output `out_sample`. */
export const unetProgram = (config: UNet2DConditionConfig, axes: UNetAxes): Program =>
  trace(unetInputTypes(config, axes), (scope, inputs) => ({ out_sample: unet2DCondition(scope, config, inputs) }));

/** The encoder as a program: `sample` → `latent_parameters`. */
export const vaeEncoderProgram = (config: AutoencoderKLConfig, axes: ImageAxes): Program =>
  trace(vaeEncoderInputTypes(config, axes), (scope, { sample }) => ({
    latent_parameters: autoencoderKLEncode(scope, config, sample),
  }));

/** The decoder as a program: `latent_sample` → `sample`. */
export const vaeDecoderProgram = (config: AutoencoderKLConfig, axes: ImageAxes): Program =>
  trace(vaeDecoderInputTypes(config, axes), (scope, { latent_sample }) => ({
    sample: autoencoderKLDecode(scope, config, latent_sample),
  }));

/** Options of `clipTextProgram`. */
export interface CLIPTextProgramOptions {
  readonly batch: Dim;
  readonly tokens?: number;
  /** Whether every hidden state is an output too, `hidden_states.0` …; default false. */
  readonly hiddenStates?: boolean;
}

const numbered = (states: readonly Value[]): Readonly<Record<string, Value>> =>
  Object.fromEntries(states.map((state, i) => [`hidden_states.${i}`, state]));

/** CLIPTextModel as a program: `input_ids` → `last_hidden_state`, `pooler_output`. */
export const clipTextProgram = (
  config: CLIPTextConfig,
  { hiddenStates = false, ...axes }: CLIPTextProgramOptions,
): Program =>
  trace(clipTextInputTypes(config, axes), (scope, { input_ids }) => {
    const { last_hidden_state, pooler_output, hidden_states } = clipText(scope, config, input_ids);
    return { last_hidden_state, pooler_output, ...(hiddenStates ? numbered(hidden_states) : {}) };
  });

/** Options of `clipTextWithProjectionProgram`. */
export interface ProjectedTextProgramOptions extends CLIPTextProgramOptions {
  /**
   * Which output comes first. Python pipelines take the first one: `text_embeds` (default) from the second encoder of
   * SDXL, `last_hidden_state` from the only encoder of a StableDiffusionPipeline.
   */
  readonly first?: 'text_embeds' | 'last_hidden_state';
}

/** CLIPTextModelWithProjection as a program: `input_ids` → `text_embeds`, `last_hidden_state`. */
export const clipTextWithProjectionProgram = (
  config: CLIPTextConfig,
  { hiddenStates = false, first = 'text_embeds', ...axes }: ProjectedTextProgramOptions,
): Program =>
  trace(clipTextInputTypes(config, axes), (scope, { input_ids }) => {
    const { text_embeds, last_hidden_state, hidden_states } = clipTextWithProjection(scope, config, input_ids);
    const both = first === 'text_embeds' ? { text_embeds, last_hidden_state } : { last_hidden_state, text_embeds };
    return { ...both, ...(hiddenStates ? numbered(hidden_states) : {}) };
  });

/** CLIPVisionModelWithProjection as a program: `pixel_values` → `image_embeds`, `last_hidden_state`. */
export const clipVisionProgram = (config: CLIPVisionConfig, axes: { readonly batch: Dim }): Program =>
  trace(clipVisionInputTypes(config, axes), (scope, { pixel_values }) => ({
    ...clipVisionWithProjection(scope, config, pixel_values),
  }));

/** T5EncoderModel as a program: `input_ids`, and where it is masked `attention_mask` → `last_hidden_state`. */
export const t5EncoderProgram = (config: T5Config, axes: T5Axes): Program =>
  trace(t5EncoderInputTypes(axes), (scope, inputs) => ({
    last_hidden_state: t5Encoder(scope, config, inputs),
  }));
