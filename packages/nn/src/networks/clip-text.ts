import { check } from '../errors.js';
import { embedding, knownSize, layerNorm, linear, normal } from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { Dim } from '../program/shape.js';
import { MASKED } from './additive-mask.js';
import type { CLIPTextConfig } from './clip-config.js';
import { clipEncoder } from './clip-encoder.js';

/** Outputs of `clipText`. */
export interface CLIPTextOutputs {
  /** [N, T, C], after the final layer norm. */
  readonly last_hidden_state: Value;
  /** [N, C], the last state at the end token. */
  readonly pooler_output: Value;
  /** Before the first layer and after each, without the final layer norm: num_hidden_layers + 1 of [N, T, C]. */
  readonly hidden_states: readonly Value[];
}

/** Outputs of `clipTextWithProjection`. */
export interface CLIPTextProjectionOutputs extends CLIPTextOutputs {
  /** [N, projection_dim] */
  readonly text_embeds: Value;
}

/** Deviation of the embeddings' first values (transformers' initializer_range). */
const EMBEDDING_DEVIATION = 0.02;
/** Configs with this end token were written before the true id was recorded; the end token is then the largest id. */
const LEGACY_END = 2;

function embed(scope: Scope, config: CLIPTextConfig, ids: Value): Value {
  const { hidden_size: width, max_position_embeddings: positions } = config;
  const tokens = knownSize('CLIPTextModel', ids, 1);
  check(tokens <= positions, { operation: 'CLIPTextModel', rule: `takes at most ${positions} tokens`, value: tokens });
  const initializer = normal(EMBEDDING_DEVIATION);
  const tokenEmbeddings = embedding(scope.at('token_embedding'), ids, { count: config.vocab_size, width, initializer });
  const positionTable = scope.at('position_embedding').parameter('weight', [positions, width], initializer);
  return ops.add(tokenEmbeddings, ops.slice(positionTable, { axis: 0, begin: 0, end: tokens }));
}

/** [1, 1, T, T] with a large negative number wherever the key comes after the query. */
function causalMask(like: Value, tokens: number): Value {
  const values = Array.from({ length: tokens * tokens }, (_, i) => (i % tokens > Math.floor(i / tokens) ? MASKED : 0));
  return ops.constant(like, values, { shape: [1, 1, tokens, tokens] });
}

/** The index of the end token in each row: [N], int64. */
function endPosition(config: CLIPTextConfig, ids: Value): Value {
  // Ids are below 2²⁴, so float32 holds them exactly.
  const numbers = ops.cast(ids, 'float32');
  if (config.eos_token_id === LEGACY_END) return ops.argmax(numbers);
  const equal = ops.mul(
    ops.greater(numbers, config.eos_token_id - 0.5),
    ops.greater(config.eos_token_id + 0.5, numbers),
  );
  return ops.argmax(equal);
}

/** The row of states [N, T, C] at position [N] in each: [N, C]. */
function pool(states: Value, position: Value): Value {
  const [n, t, c] = states.shape as readonly [Dim, number, number];
  const selector = ops.reshape(ops.oneHot(position, t), [n, 1, t]);
  return ops.reshape(ops.matmul(selector, states), [n, c]);
}

/**
 * CLIPTextModel: token ids int64 [N, T] → states and the pooled state. T must be known. Source: Radford et al. 2021; weight names as in
 * transformers' checkpoints (`text_model.…`).
 * @throws {LascauxError} when there are more tokens than positions
 */
export function clipText(scope: Scope, config: CLIPTextConfig, ids: Value): CLIPTextOutputs {
  const model = scope.at('text_model');
  const tokens = embed(model.at('embeddings'), config, ids);
  const mask = causalMask(tokens, knownSize('CLIPTextModel', ids, 1));
  const states = clipEncoder(model.at('encoder'), tokens, { config, mask });
  const last = layerNorm(model.at('final_layer_norm'), states.at(-1) as Value, { epsilon: config.layer_norm_eps });
  return { last_hidden_state: last, pooler_output: pool(last, endPosition(config, ids)), hidden_states: states };
}

/** CLIPTextModelWithProjection: as `clipText`, and the pooled state through `text_projection` [projection_dim, C]. */
export function clipTextWithProjection(scope: Scope, config: CLIPTextConfig, ids: Value): CLIPTextProjectionOutputs {
  const outputs = clipText(scope, config, ids);
  const text_embeds = linear(scope.at('text_projection'), outputs.pooler_output, {
    out: config.projection_dim,
    bias: false,
    initializer: normal(config.hidden_size ** -0.5),
  });
  return { ...outputs, text_embeds };
}
