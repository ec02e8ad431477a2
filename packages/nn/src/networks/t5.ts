import { activation, embedding, knownSize, linear, multiHeadAttention, normal, rmsNorm } from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import { additiveMask } from './additive-mask.js';
import type { T5Config } from './t5-config.js';
import { t5FeedForward } from './t5-config.js';
import { t5PositionBias } from './t5-position-bias.js';

/** Inputs of `t5Encoder`. */
export interface T5EncoderInputs {
  /** int64 [N, T]; T must be known. */
  readonly input_ids: Value;
  /** int64 [N, T], 1 where a token counts; default: all count. */
  readonly attention_mask?: Value;
}

interface BlockOptions {
  readonly config: T5Config;
  /** Position bias and mask, added to the scores. */
  readonly bias: Value;
}

/** A linear layer without bias; T5 draws its weights with the deviation 1/√in (times 1/√d_kv for queries, which replaces the scale of the scores). */
const project = (scope: Scope, x: Value, { out, deviation }: { out: number; deviation?: number }): Value =>
  linear(scope, x, { out, bias: false, initializer: normal(deviation ?? knownSize('T5', x, -1) ** -0.5) });

function selfAttention(scope: Scope, x: Value, { config, bias }: BlockOptions): Value {
  const inner = config.num_heads * config.d_kv;
  const attended = multiHeadAttention({
    query: project(scope.at('q'), x, { out: inner, deviation: (config.d_model * config.d_kv) ** -0.5 }),
    key: project(scope.at('k'), x, { out: inner }),
    value: project(scope.at('v'), x, { out: inner }),
    heads: config.num_heads,
    mask: bias,
    scale: 1,
  });
  return project(scope.at('o'), attended, { out: config.d_model });
}

function feedForward(scope: Scope, x: Value, config: T5Config): Value {
  const { gated, activation: name } = t5FeedForward(config);
  const inner = (weight: string): Value => project(scope.at(weight), x, { out: config.d_ff });
  const hidden = gated ? ops.mul(activation(name, inner('wi_0')), inner('wi_1')) : activation(name, inner('wi'));
  return project(scope.at('wo'), hidden, { out: config.d_model });
}

function block(scope: Scope, x: Value, options: BlockOptions): Value {
  const epsilon = options.config.layer_norm_epsilon;
  const [first, second] = [scope.at('layer', 0), scope.at('layer', 1)];
  const normed = rmsNorm(first.at('layer_norm'), x, { epsilon });
  const attended = ops.add(x, selfAttention(first.at('SelfAttention'), normed, options));
  const hidden = rmsNorm(second.at('layer_norm'), attended, { epsilon });
  return ops.add(attended, feedForward(second.at('DenseReluDense'), hidden, options.config));
}

/**
 * T5EncoderModel: token ids → last hidden state [N, T, d_model]. Source: Raffel et al. 2020; gated feed-forward: Shazeer 2020. The token table is
 * `shared.weight`.
 * @throws {LascauxError} when the number of tokens is not known
 */
export function t5Encoder(scope: Scope, config: T5Config, { input_ids, attention_mask }: T5EncoderInputs): Value {
  const tokens = knownSize('T5EncoderModel', input_ids, 1);
  let x = embedding(scope.at('shared'), input_ids, { count: config.vocab_size, width: config.d_model });
  const encoder = scope.at('encoder');
  const table = encoder.at('block', 0, 'layer', 0, 'SelfAttention', 'relative_attention_bias');
  const positionBias = t5PositionBias(table, config, { like: x, tokens });
  const bias = attention_mask === undefined ? positionBias : ops.add(positionBias, additiveMask(attention_mask));
  for (let i = 0; i < config.num_layers; i++) x = block(encoder.at('block', i), x, { config, bias });
  return rmsNorm(encoder.at('final_layer_norm'), x, { epsilon: config.layer_norm_epsilon });
}
