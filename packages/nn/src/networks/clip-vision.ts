import { conv2d, knownSize, layerNorm, linear, normal, toTokens } from '../layers/index.js';
import { check } from '../errors.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { Dim } from '../program/shape.js';
import type { CLIPVisionConfig } from './clip-config.js';
import { clipEncoder } from './clip-encoder.js';

/** Outputs of `clipVisionWithProjection`. */
export interface CLIPVisionOutputs {
  /** [N, projection_dim] */
  readonly image_embeds: Value;
  /** [N, 1 + cells, C], before the last layer norm; the class token comes first. */
  readonly last_hidden_state: Value;
}

const INITIAL_DEVIATION = 0.02;

/** Class token, then one token per patch, row by row, each with its position: [N, 1 + cells, C]. */
function embed(scope: Scope, config: CLIPVisionConfig, pixels: Value): Value {
  const { hidden_size: width, image_size: side, patch_size: patch } = config;
  const expected = `[N, ${config.num_channels}, ${side}, ${side}]`;
  const fits = knownSize('CLIPVisionModel', pixels, 2) === side && knownSize('CLIPVisionModel', pixels, 3) === side;
  check(fits, {
    operation: 'CLIPVisionModel',
    rule: `takes pixels ${expected}`,
    value: `[${pixels.shape.join(', ')}]`,
  });
  const initializer = normal(INITIAL_DEVIATION);
  const patches = conv2d(scope.at('patch_embedding'), pixels, {
    out: width,
    kernel: patch,
    stride: patch,
    padding: 0,
    bias: false,
    initializer,
  });
  const n = pixels.shape[0] as Dim;
  const token = scope.parameter('class_embedding', [width], normal(width ** -0.5));
  const first = ops.broadcast(ops.reshape(token, [1, 1, width]), [n, 1, width]);
  const count = Math.floor(side / patch) ** 2 + 1;
  const positionTable = scope.at('position_embedding').parameter('weight', [count, width], initializer);
  return ops.add(ops.concat([first, toTokens(patches)], 1), positionTable);
}

/**
 * CLIPVisionModelWithProjection: pixels [N, 3, image_size, image_size], normalised → embedding of the image. Source: Radford et al. 2021;
 * weight names as in transformers' checkpoints, `pre_layrnorm` with the misspelling.
 * @throws {LascauxError} when the image is of another size
 */
export function clipVisionWithProjection(scope: Scope, config: CLIPVisionConfig, pixels: Value): CLIPVisionOutputs {
  const model = scope.at('vision_model');
  const epsilon = config.layer_norm_eps;
  const tokens = layerNorm(model.at('pre_layrnorm'), embed(model.at('embeddings'), config, pixels), { epsilon });
  const states = clipEncoder(model.at('encoder'), tokens, { config });
  const last = states.at(-1) as Value;
  const n = pixels.shape[0] as Dim;
  const first = ops.reshape(ops.slice(last, { axis: 1, begin: 0, end: 1 }), [n, config.hidden_size]);
  const pooled = layerNorm(model.at('post_layernorm'), first, { epsilon });
  const image_embeds = linear(scope.at('visual_projection'), pooled, {
    out: config.projection_dim,
    bias: false,
    initializer: normal(config.hidden_size ** -0.5),
  });
  return { image_embeds, last_hidden_state: last };
}
