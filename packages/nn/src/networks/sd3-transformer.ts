import { check } from '../errors.js';
import { conv2d, linear, toTokens, zeros } from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { Dim } from '../program/shape.js';
import { croppedPositions } from './cropped-positions.js';
import { jointBlock } from './joint-block.js';
import type { SD3TransformerConfig } from './joint-config.js';
import { jointWidth } from './joint-config.js';
import { conditionedNorm } from './modulation.js';
import { timeTextEmbedding } from './time-text-embedding.js';

/** Inputs of `sd3Transformer`, under the names of the ONNX exports. */
export interface SD3TransformerInputs {
  /** The noisy latent [N, in_channels, h, w]; h and w are multiples of the patch, at most pos_embed_max_size patches each. */
  readonly hidden_states: Value;
  /** The embedded text [N, S, joint_attention_dim]. */
  readonly encoder_hidden_states: Value;
  /** [N, pooled_projection_dim] */
  readonly pooled_projections: Value;
  /** float32 [N], from 0 to 1000 */
  readonly timestep: Value;
}

/** One token for each patch with its place in the middle of the table. */
function embedLatent(scope: Scope, config: SD3TransformerConfig, latent: Value): { tokens: Value; map: Value } {
  const { patch_size: patch, pos_embed_max_size: side } = config;
  const width = jointWidth(config);
  const sides = latent.shape.slice(2);
  const fits = sides.every((size) => typeof size === 'string' || (size % patch === 0 && size <= side * patch));
  check(fits, {
    operation: 'SD3Transformer2DModel',
    rule: `height and width must be multiples of ${patch}, at most ${side * patch}`,
    value: sides.join(' × '),
  });
  const map = conv2d(scope.at('proj'), latent, { out: width, kernel: patch, stride: patch, padding: 0 });
  return { tokens: ops.add(toTokens(map), croppedPositions(scope, map, { side, width })), map };
}

/** Tokens [N, T, patch²·channels], channels innermost → a map of the latent's height and width. */
function joinTokens(tokens: Value, { map, latent, patch }: { map: Value; latent: Value; patch: number }): Value {
  const [n, , rows, columns] = map.shape as readonly [Dim, Dim, Dim, Dim];
  const [, , height, width] = latent.shape as readonly [Dim, Dim, Dim, Dim];
  const channels = (tokens.shape[2] as number) / patch ** 2;
  const cells = ops.reshape(tokens, [n, rows, columns, patch, patch, channels]);
  return ops.reshape(ops.transpose(cells, [0, 5, 1, 3, 2, 4]), [n, channels, height, width]);
}

/**
 * SD3Transformer2DModel: noisy latent, timestep and text → velocity [N, out_channels, h, w], of any height and width. Source: Esser et al. 2024
 * (MM-DiT); normed queries and keys, and the second attention of image tokens, as in Stable Diffusion 3.5. The last layer starts at zero, so that training
 * starts from the prediction 0.
 * @throws {LascauxError} when known sizes are not multiples of the patch, or larger than the table of positions
 */
export function sd3Transformer(scope: Scope, config: SD3TransformerConfig, inputs: SD3TransformerInputs): Value {
  const { hidden_states: latent, timestep, pooled_projections: pooled, encoder_hidden_states: text } = inputs;
  const { patch_size: patch, num_layers: layers, dual_attention_layers: dual } = config;
  const width = jointWidth(config);
  const { tokens, map } = embedLatent(scope.at('pos_embed'), config, latent);
  const condition = timeTextEmbedding(scope.at('time_text_embed'), width, { timestep, pooled });
  let x = tokens;
  let context: Value | undefined = linear(scope.at('context_embedder'), text, { out: width });
  for (let i = 0; context !== undefined; i++) {
    [x, context] = jointBlock(scope.at('transformer_blocks', i), [{ tokens: x }, { tokens: context }], {
      condition,
      heads: config.num_attention_heads,
      normalized: config.qk_norm !== null,
      dual: dual.includes(i),
      last: i === layers - 1,
    });
  }
  const out = patch ** 2 * (config.out_channels ?? config.in_channels);
  const normed = conditionedNorm(scope.at('norm_out'), x, condition);
  const predicted = linear(scope.at('proj_out'), normed, { out, initializer: zeros });
  return joinTokens(predicted, { map, latent, patch });
}
