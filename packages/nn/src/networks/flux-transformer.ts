import type { HeadOptions, Rotation } from '../layers/index.js';
import { activation, linear, rotationOf, streamAttention, zeros } from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { Dim } from '../program/shape.js';
import { jointBlock } from './joint-block.js';
import type { FluxTransformerConfig } from './joint-config.js';
import { jointWidth } from './joint-config.js';
import { conditionParts, conditionedNorm, modulatedNorm } from './modulation.js';
import { timeTextEmbedding } from './time-text-embedding.js';

/** Inputs of `fluxTransformer`, under the names of the ONNX exports. */
export interface FluxTransformerInputs {
  /** The noisy latent as patches [N, T, in_channels]. */
  readonly hidden_states: Value;
  /** The embedded text [N, S, joint_attention_dim]. */
  readonly encoder_hidden_states: Value;
  /** [N, pooled_projection_dim] */
  readonly pooled_projections: Value;
  /** float32 [N], from 0 to 1 */
  readonly timestep: Value;
  /** float32 [T, 3]: 0, row and column of each patch. */
  readonly img_ids: Value;
  /** float32 [S, 3]: zeros. */
  readonly txt_ids: Value;
  /** float32 [N], the guidance scale; needed with guidance_embeds. */
  readonly guidance?: Value;
}

/** The network counts time and guidance in thousandths. */
const THOUSANDTHS = 1000;
const EPSILON = 1e-6;
const MIDDLE = 4;

interface SingleOptions extends HeadOptions {
  readonly condition: Value;
  readonly rotation: Rotation;
}

/** Attention and feed-forward side by side over one sequence [N, T, C], gated together. Source: Dehghani et al. 2023 (ViT-22B), section 2. */
function singleBlock(scope: Scope, x: Value, { condition, rotation, ...heads }: SingleOptions): Value {
  const width = x.shape[2] as number;
  const parts = conditionParts(scope.at('norm'), condition, { count: 3, width });
  const [shift, scale, gate] = parts as readonly [Value, Value, Value];
  const normed = modulatedNorm(x, { shift, scale, epsilon: EPSILON });
  const attended = streamAttention(scope.at('attn'), { tokens: normed, rotation }, heads);
  const hidden = activation('gelu_pytorch_tanh', linear(scope.at('proj_mlp'), normed, { out: MIDDLE * width }));
  const projected = linear(scope.at('proj_out'), ops.concat([attended, hidden], 2), { out: width });
  return ops.add(x, ops.mul(gate, projected));
}

/** The first tokens of a sequence [N, T + S, C], as many as another sequence [N, T, …] has. */
function firstTokens(x: Value, like: Value): Value {
  const [n, t] = like.shape as readonly [Dim, Dim];
  const width = x.shape[2] as number;
  const map = ops.reshape(x, [n, 1, x.shape[1] as Dim, width]);
  const cropped = ops.cropLike(map, ops.reshape(like, [n, 1, t, like.shape[2] as Dim]));
  return ops.reshape(cropped, [n, t, width]);
}

/**
 * FluxTransformer2DModel: packed noisy latent, timestep, text and guidance → velocity [N, T, out_channels]. Source: Black Forest Labs 2024
 * (FLUX.1); blocks of two streams after Esser et al. 2024, then of both in one sequence. The last layer starts at zero, so that training starts from the
 * prediction 0.
 */
export function fluxTransformer(scope: Scope, config: FluxTransformerConfig, inputs: FluxTransformerInputs): Value {
  const { num_layers: layers, num_single_layers: singleLayers, axes_dims_rope: widths } = config;
  const width = jointWidth(config);
  const condition = timeTextEmbedding(scope.at('time_text_embed'), width, {
    timestep: ops.mul(inputs.timestep, THOUSANDTHS),
    pooled: inputs.pooled_projections,
    guidance: inputs.guidance && ops.mul(inputs.guidance, THOUSANDTHS),
  });
  const heads: HeadOptions = { heads: config.num_attention_heads, normalized: true };
  const imageRotation = rotationOf(inputs.img_ids, { widths });
  const textRotation = rotationOf(inputs.txt_ids, { widths });
  let x = linear(scope.at('x_embedder'), inputs.hidden_states, { out: width });
  let textTokens = linear(scope.at('context_embedder'), inputs.encoder_hidden_states, { out: width });
  for (let i = 0; i < layers; i++) {
    const streams = [
      { tokens: x, rotation: imageRotation },
      { tokens: textTokens, rotation: textRotation },
    ] as const;
    const [imageOut, textOut] = jointBlock(scope.at('transformer_blocks', i), streams, { ...heads, condition });
    [x, textTokens] = [imageOut, textOut as Value];
  }
  // Image tokens first: attention does not depend on the order, and cropLike keeps the beginning.
  let hidden = ops.concat([x, textTokens], 1);
  const rotation = rotationOf(ops.concat([inputs.img_ids, inputs.txt_ids], 0), { widths });
  for (let i = 0; i < singleLayers; i++)
    hidden = singleBlock(scope.at('single_transformer_blocks', i), hidden, { ...heads, condition, rotation });
  const normed = conditionedNorm(scope.at('norm_out'), firstTokens(hidden, x), condition);
  return linear(scope.at('proj_out'), normed, { out: config.out_channels ?? config.in_channels, initializer: zeros });
}
