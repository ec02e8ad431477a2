import type { ActivationName } from '../layers/index.js';
import { activation, layerNorm, linear, multiHeadAttention, normal } from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';

/** The part of both CLIP configs that their transformers read. */
export interface CLIPEncoderConfig {
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly hidden_act: ActivationName;
  readonly layer_norm_eps: number;
}

/** Deviations of CLIP's first weights (Radford et al. 2021, code; transformers' `_init_weights`): the residual stream keeps its size in any depth. */
const deviations = ({ hidden_size: width, num_hidden_layers: layers }: CLIPEncoderConfig) => ({
  attention: (2 * layers * width) ** -0.5,
  attentionOut: width ** -0.5,
  middle: (2 * width) ** -0.5,
  out: (2 * layers * width) ** -0.5,
});

interface LayerOptions {
  readonly config: CLIPEncoderConfig;
  readonly mask?: Value;
}

function selfAttention(scope: Scope, x: Value, { config, mask }: LayerOptions): Value {
  const out = config.hidden_size;
  const { attention, attentionOut } = deviations(config);
  const project = (name: string): Value => linear(scope.at(name), x, { out, initializer: normal(attention) });
  const attended = multiHeadAttention({
    query: project('q_proj'),
    key: project('k_proj'),
    value: project('v_proj'),
    heads: config.num_attention_heads,
    mask,
  });
  return linear(scope.at('out_proj'), attended, { out, initializer: normal(attentionOut) });
}

function encoderLayer(scope: Scope, x: Value, { config, mask }: LayerOptions): Value {
  const epsilon = config.layer_norm_eps;
  const { middle, out } = deviations(config);
  const attended = selfAttention(scope.at('self_attn'), layerNorm(scope.at('layer_norm1'), x, { epsilon }), {
    config,
    mask,
  });
  const residual = ops.add(x, attended);
  const normed = layerNorm(scope.at('layer_norm2'), residual, { epsilon });
  const hidden = linear(scope.at('mlp', 'fc1'), normed, { out: config.intermediate_size, initializer: normal(middle) });
  const result = linear(scope.at('mlp', 'fc2'), activation(config.hidden_act, hidden), {
    out: config.hidden_size,
    initializer: normal(out),
  });
  return ops.add(residual, result);
}

/** CLIP's transformer: tokens [N, T, C] → the states before the first layer and after each, [N, T, C] (layers + 1 of them). */
export function clipEncoder(scope: Scope, x: Value, options: LayerOptions): readonly Value[] {
  const states = [x];
  for (let i = 0; i < options.config.num_hidden_layers; i++) {
    states.push(encoderLayer(scope.at('layers', i), states[i] as Value, options));
  }
  return states;
}
