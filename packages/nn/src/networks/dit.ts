import {
  activation,
  attention,
  embedding,
  feedForward,
  linear,
  normal,
  sinusoidalEmbedding,
  timestepMlp,
  zeros,
} from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import { conditionParts, modulatedNorm, modulationParts } from './modulation.js';
import { embedPatches, joinPatches, patchGrid } from './patches.js';
import type { DiTConfig } from './transformer-config.js';
import { transformerFeedForward, transformerWidth } from './transformer-config.js';

/** Inputs of `dit`. */
export interface DiTInputs {
  /** The noisy latent [N, in_channels, h, w]; h and w must be known. */
  readonly sample: Value;
  /** float32, a scalar or [N] */
  readonly timestep: Value;
  /** int64 [N]; num_embeds_ada_norm stands for "no class". */
  readonly class_labels: Value;
}

/** Number of sinusoids of a timestep, the same in every DiT. */
const SINUSOIDS = 256;
const OUT_EPSILON = 1e-6;

/** Timestep and class as one vector [N, C]. Every block has its own layers for it. */
function conditioning(scope: Scope, config: DiTConfig, { timestep, class_labels }: DiTInputs): Value {
  const width = transformerWidth(config);
  const sinusoids = sinusoidalEmbedding(timestep, { width: SINUSOIDS, flipSinToCos: true });
  const time = timestepMlp(scope.at('timestep_embedder'), sinusoids, { out: width });
  const label = embedding(scope.at('class_embedder', 'embedding_table'), class_labels, {
    count: config.num_embeds_ada_norm + 1,
    width,
    initializer: normal(0.02),
  });
  return ops.add(time, label);
}

/** Attention and feed-forward, each shifted, scaled and gated by the conditioning; gates start at zero (adaLN-Zero). */
function block(scope: Scope, x: Value, { config, inputs }: { config: DiTConfig; inputs: DiTInputs }): Value {
  const condition = conditioning(scope.at('norm1', 'emb'), config, inputs);
  const parts = conditionParts(scope.at('norm1'), condition, { count: 6, width: transformerWidth(config) });
  const [shift, scale, gate, shiftMlp, scaleMlp, gateMlp] = parts as readonly [
    Value,
    Value,
    Value,
    Value,
    Value,
    Value,
  ];
  const normed = modulatedNorm(x, { shift, scale, epsilon: OUT_EPSILON });
  const options = { heads: config.num_attention_heads, bias: config.attention_bias };
  const attended = ops.add(x, ops.mul(gate, attention(scope.at('attn1'), normed, options)));
  const mlpInput = modulatedNorm(attended, { shift: shiftMlp, scale: scaleMlp, epsilon: config.norm_eps });
  const hidden = feedForward(scope.at('ff'), mlpInput, { kind: transformerFeedForward(config) });
  return ops.add(attended, ops.mul(gateMlp, hidden));
}

/**
 * DiTTransformer2DModel: noisy latent, timestep and class → prediction [N, out_channels, h, w]. Source: Peebles & Xie 2023. The last layer
 * starts at zero as there.
 * @throws {LascauxError} when h or w is not known or not a multiple of the patch
 */
export function dit(scope: Scope, config: DiTConfig, inputs: DiTInputs): Value {
  const { patch_size: patch, num_layers: layers } = config;
  const width = transformerWidth(config);
  const base = Math.floor(config.sample_size / patch);
  let x = embedPatches(scope.at('pos_embed'), inputs.sample, { patch, width, base });
  for (let i = 0; i < layers; i++) x = block(scope.at('transformer_blocks', i), x, { config, inputs });
  const condition = conditioning(scope.at('transformer_blocks', 0, 'norm1', 'emb'), config, inputs);
  const modulation = linear(scope.at('proj_out_1'), activation('silu', condition), {
    out: 2 * width,
    initializer: zeros,
  });
  const [shift, scale] = modulationParts(modulation, 2) as readonly [Value, Value];
  const out = patch * patch * (config.out_channels ?? config.in_channels);
  const normed = modulatedNorm(x, { shift, scale, epsilon: OUT_EPSILON });
  const tokens = linear(scope.at('proj_out_2'), normed, { out, initializer: zeros });
  return joinPatches(tokens, patchGrid(inputs.sample, patch), patch);
}
