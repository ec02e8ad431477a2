import { LascauxError } from '../errors.js';
import { sinusoidalEmbedding, timestepMlp } from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { Dim } from '../program/shape.js';
import type { UNet2DConditionConfig } from './unet-config.js';

/** Inputs that become the time embedding of a UNet: the timestep; in distilled networks the guidance scale; in SDXL pooled text and sizes. */
export interface UNetEmbeddingInputs {
  /** float32, a scalar or [N] */
  readonly timestep: Value;
  /** [N, time_cond_proj_dim], the embedded guidance scale of distilled networks; optional even where the config knows it. */
  readonly timestep_cond?: Value;
  /** [N, D], the pooled text; needed with addition_embed_type text_time. */
  readonly text_embeds?: Value;
  /** [N, 6], sizes and crop (5 with an aesthetic score); needed with addition_embed_type text_time. */
  readonly time_ids?: Value;
}

const needed = (value: Value | undefined, name: string): Value => {
  if (value === undefined)
    throw new LascauxError({ operation: 'UNet2DConditionModel', rule: 'an input is missing', value: name });
  return value;
};

/** Pooled text beside the sinusoids of each size: [N, D + 6·width]. */
function textAndTime(config: UNet2DConditionConfig, inputs: UNetEmbeddingInputs): Value {
  const text = needed(inputs.text_embeds, 'text_embeds');
  const ids = needed(inputs.time_ids, 'time_ids');
  const width = config.addition_time_embed_dim as number;
  const sinusoids = sinusoidalEmbedding(ops.reshape(ids, [-1]), {
    width,
    flipSinToCos: config.flip_sin_to_cos,
    frequencyShift: config.freq_shift,
  });
  return ops.concat([text, ops.reshape(sinusoids, [ids.shape[0] as Dim, (ids.shape[1] as number) * width])], 1);
}

/** The embedding that every residual block gets: [N or 1, time_embedding_dim]. @throws {LascauxError} when an input is missing */
export function unetEmbedding(scope: Scope, config: UNet2DConditionConfig, inputs: UNetEmbeddingInputs): Value {
  const first = config.block_out_channels[0] as number;
  const out = config.time_embedding_dim ?? 4 * first;
  const sinusoids = sinusoidalEmbedding(inputs.timestep, {
    width: first,
    flipSinToCos: config.flip_sin_to_cos,
    frequencyShift: config.freq_shift,
  });
  const time = timestepMlp(scope.at('time_embedding'), sinusoids, {
    out,
    activation: config.act_fn,
    condition: config.time_cond_proj_dim === null ? undefined : inputs.timestep_cond,
  });
  if (config.addition_embed_type === null) return time;
  return ops.add(time, timestepMlp(scope.at('add_embedding'), textAndTime(config, inputs), { out }));
}
