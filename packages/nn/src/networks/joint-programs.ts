import type { Program } from '../program/program.js';
import type { InputTypes } from '../program/scope.js';
import { trace } from '../program/scope.js';
import type { Dim } from '../program/shape.js';
import { fluxTransformer } from './flux-transformer.js';
import type { FluxTransformerConfig, SD3TransformerConfig } from './joint-config.js';
import { sd3Transformer } from './sd3-transformer.js';

/** Sizes of an SD3 transformer's axes; height and width are of the latent, a name makes an axis free. */
export interface SD3TransformerAxes {
  readonly batch: Dim;
  readonly height: Dim;
  readonly width: Dim;
  /** Of the text. */
  readonly tokens: Dim;
}

/** Sizes of a Flux transformer's axes; a name makes an axis free. */
export interface FluxTransformerAxes {
  readonly batch: Dim;
  /** Image tokens. */
  readonly patches: Dim;
  /** Of the text. */
  readonly tokens: Dim;
}

type Types<Name extends string> = Readonly<Record<Name, InputTypes[string]>>;
type JointInputName = 'hidden_states' | 'encoder_hidden_states' | 'pooled_projections' | 'timestep';

/** Inputs of an SD3 transformer as optimum-onnx exports it; the output is `out_hidden_states`. */
export const sd3TransformerInputTypes = (
  config: SD3TransformerConfig,
  { batch, height, width, tokens }: SD3TransformerAxes,
): Types<JointInputName> => ({
  hidden_states: { shape: [batch, config.in_channels, height, width] },
  encoder_hidden_states: { shape: [batch, tokens, config.joint_attention_dim] },
  pooled_projections: { shape: [batch, config.pooled_projection_dim] },
  timestep: { shape: [batch] },
});

/** Inputs of a Flux transformer as optimum-onnx exports it, `guidance` where the config has it; the output is `out_hidden_states`. */
export const fluxTransformerInputTypes = (
  config: FluxTransformerConfig,
  { batch, patches, tokens }: FluxTransformerAxes,
): Types<JointInputName | 'img_ids' | 'txt_ids'> & Partial<Types<'guidance'>> => ({
  hidden_states: { shape: [batch, patches, config.in_channels] },
  encoder_hidden_states: { shape: [batch, tokens, config.joint_attention_dim] },
  pooled_projections: { shape: [batch, config.pooled_projection_dim] },
  timestep: { shape: [batch] },
  txt_ids: { shape: [tokens, 3] },
  img_ids: { shape: [patches, 3] },
  ...(config.guidance_embeds ? { guidance: { shape: [batch] } } : {}),
});

/** An SD3 transformer as a program with the inputs of `sd3TransformerInputTypes` and the output `out_hidden_states`. */
export const sd3TransformerProgram = (config: SD3TransformerConfig, axes: SD3TransformerAxes): Program =>
  trace(sd3TransformerInputTypes(config, axes), (scope, inputs) => ({
    out_hidden_states: sd3Transformer(scope, config, inputs),
  }));

/** A Flux transformer as a program with the inputs of `fluxTransformerInputTypes` and the output `out_hidden_states`. */
export const fluxTransformerProgram = (config: FluxTransformerConfig, axes: FluxTransformerAxes): Program =>
  trace(fluxTransformerInputTypes(config, axes), (scope, inputs) => ({
    out_hidden_states: fluxTransformer(scope, config, inputs),
  }));
