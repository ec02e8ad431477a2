import { LascauxError } from '../errors.js';
import {
  activation,
  attention,
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
import type { Dim } from '../program/shape.js';
import { additiveMask } from './additive-mask.js';
import { modulatedNorm } from './modulation.js';
import { embedPatches, joinPatches, patchGrid } from './patches.js';
import type { PixArtConfig } from './transformer-config.js';
import { takesImageSize, transformerFeedForward, transformerWidth } from './transformer-config.js';

/** Inputs of `pixArt`. */
export interface PixArtInputs {
  /** The noisy latent [N, in_channels, h, w]; h and w must be known. */
  readonly sample: Value;
  /** float32, a scalar or [N] */
  readonly timestep: Value;
  /** The embedded text [N, S, caption_channels], or [N, S, cross_attention_dim] without caption_channels. */
  readonly encoder_hidden_states: Value;
  /** int64 [N, S], 1 where a token counts; default: all count. */
  readonly encoder_attention_mask?: Value;
  /** float32 [N, 2], height and width in pixels; needed by networks for 1024 pixels. */
  readonly resolution?: Value;
  /** float32 [N, 1], height over width; needed with `resolution`. */
  readonly aspect_ratio?: Value;
}

const SINUSOIDS = 256;
const OUT_EPSILON = 1e-6;

const sinusoids = (x: Value): Value =>
  sinusoidalEmbedding(x, { width: SINUSOIDS, flipSinToCos: true, frequencyShift: 0 });

/** Each number of [N, K] through a small network of its own: [N, K·out]. */
function sizeEmbedding(scope: Scope, x: Value | undefined, out: number): Value {
  if (x === undefined) {
    throw new LascauxError({
      operation: 'PixArtTransformer2DModel',
      rule: 'this config needs resolution and aspect_ratio',
    });
  }
  const embedded = timestepMlp(scope, sinusoids(ops.reshape(x, [-1])), { out });
  return ops.reshape(embedded, [x.shape[0] as Dim, (x.shape[1] as number) * out]);
}

/** Timestep, and image size where the config has it, as one vector [N or 1, C]. */
function conditioning(scope: Scope, config: PixArtConfig, inputs: PixArtInputs): Value {
  const width = transformerWidth(config);
  const time = timestepMlp(scope.at('timestep_embedder'), sinusoids(inputs.timestep), { out: width });
  if (!takesImageSize(config)) return time;
  const sizeWidth = Math.floor(width / 3);
  const sizes = sizeEmbedding(scope.at('resolution_embedder'), inputs.resolution, sizeWidth);
  const ratio = sizeEmbedding(scope.at('aspect_ratio_embedder'), inputs.aspect_ratio, sizeWidth);
  return ops.add(time, ops.concat([sizes, ratio], 1));
}

/** The text through two layers, or as it is without caption_channels. */
function captions(scope: Scope, config: PixArtConfig, text: Value): Value {
  if (config.caption_channels === null) return text;
  const out = transformerWidth(config);
  const hidden = activation('gelu_pytorch_tanh', linear(scope.at('linear_1'), text, { out }));
  return linear(scope.at('linear_2'), hidden, { out });
}

/** A learned table [count, C] plus `modulation` [N or 1, 1 or count, C], cut into its rows, `count` of [N or 1, 1, C]. */
function tableParts(scope: Scope, modulation: Value, count: number): readonly Value[] {
  const width = modulation.shape[2] as number;
  const table = scope.parameter('scale_shift_table', [count, width], normal(width ** -0.5));
  return ops.split(ops.add(modulation, ops.reshape(table, [1, count, width])), { axis: 1, parts: count });
}

interface BlockOptions {
  readonly config: PixArtConfig;
  readonly context: Value;
  readonly mask?: Value;
  /** [N or 1, 6, C], the same for all blocks. */
  readonly modulation: Value;
}

/** Self-attention, cross-attention to the text (its output starts at zero, as in the paper), feed-forward. */
function block(scope: Scope, x: Value, { config, context, mask, modulation }: BlockOptions): Value {
  const parts = tableParts(scope, modulation, 6) as readonly [Value, Value, Value, Value, Value, Value];
  const [shift, scale, gate, shiftMlp, scaleMlp, gateMlp] = parts;
  const epsilon = config.norm_eps;
  const options = { heads: config.num_attention_heads, bias: config.attention_bias };
  const normed = modulatedNorm(x, { shift, scale, epsilon });
  const attended = ops.add(x, ops.mul(gate, attention(scope.at('attn1'), normed, options)));
  const textAttended = attention(scope.at('attn2'), attended, { ...options, context, mask, outInitializer: zeros });
  const hidden = ops.add(attended, textAttended);
  const mlpInput = modulatedNorm(hidden, { shift: shiftMlp, scale: scaleMlp, epsilon });
  return ops.add(
    hidden,
    ops.mul(gateMlp, feedForward(scope.at('ff'), mlpInput, { kind: transformerFeedForward(config) })),
  );
}

/**
 * PixArtTransformer2DModel, a DiT that reads text: → prediction [N, out_channels, h, w]. Source: Chen et al. 2023 (PixArt-α), section 2.3. The
 * shared modulation and the last layer start at zero, so that blocks start near the identity and training from the prediction 0.
 * @throws {LascauxError} when h or w is not known or not a multiple of the patch, or an input is missing
 */
export function pixArt(scope: Scope, config: PixArtConfig, inputs: PixArtInputs): Value {
  const { patch_size: patch, sample_size: side } = config;
  const width = transformerWidth(config);
  const interpolation = config.interpolation_scale ?? Math.max(Math.floor(side / 64), 1);
  const base = Math.floor(side / patch);
  let x = embedPatches(scope.at('pos_embed'), inputs.sample, { patch, width, base, interpolation });
  const condition = conditioning(scope.at('adaln_single', 'emb'), config, inputs); // [N or 1, C]
  const modulation = linear(scope.at('adaln_single', 'linear'), ops.silu(condition), {
    out: 6 * width,
    initializer: zeros,
  });
  const options: BlockOptions = {
    config,
    context: captions(scope.at('caption_projection'), config, inputs.encoder_hidden_states),
    mask: inputs.encoder_attention_mask === undefined ? undefined : additiveMask(inputs.encoder_attention_mask),
    modulation: ops.reshape(modulation, [condition.shape[0] as Dim, 6, width]),
  };
  for (let i = 0; i < config.num_layers; i++) x = block(scope.at('transformer_blocks', i), x, options);
  const [shift, scale] = tableParts(
    scope,
    ops.reshape(condition, [condition.shape[0] as Dim, 1, width]),
    2,
  ) as readonly [Value, Value];
  const out = patch * patch * (config.out_channels ?? config.in_channels);
  const normed = modulatedNorm(x, { shift, scale, epsilon: OUT_EPSILON });
  const tokens = linear(scope.at('proj_out'), normed, { out, initializer: zeros });
  return joinPatches(tokens, patchGrid(inputs.sample, patch), patch);
}
