import type { ResnetBlockOptions } from '../layers/index.js';
import {
  activation,
  conv2d,
  downsample,
  groupNorm,
  resnetBlock,
  spatialTransformer,
  upsample,
  zeros,
} from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import { ofBlock } from './schema-parts.js';
import type { UNet2DConditionConfig } from './unet-config.js';
import type { UNetEmbeddingInputs } from './unet-embedding.js';
import { unetEmbedding } from './unet-embedding.js';

/** Inputs of `unet2DCondition`, under the names of the ONNX exports. */
export interface UNet2DConditionInputs extends UNetEmbeddingInputs {
  /** The noisy latent [N, in_channels, h, w]. */
  readonly sample: Value;
  /** The embedded text [N, S, cross_attention_dim]. */
  readonly encoder_hidden_states: Value;
}

/** One resolution: which channels and how many layers, and whether the cells attend to the text. */
interface Level {
  readonly out: number;
  readonly layers: number;
  readonly heads: number;
  readonly depth: number;
  readonly attends: boolean;
}

/** Inputs of every block. */
interface Shared {
  readonly config: UNet2DConditionConfig;
  /** [N or 1, time_embedding_dim] */
  readonly timeEmbedding: Value;
  /** The embedded text [N, S, cross_attention_dim]. */
  readonly context: Value;
}

const levelAt = (config: UNet2DConditionConfig, index: number, attends: boolean): Level => ({
  out: config.block_out_channels[index] as number,
  layers: ofBlock(config.layers_per_block, index),
  heads: ofBlock(config.attention_head_dim, index),
  depth: ofBlock(config.transformer_layers_per_block, index),
  attends,
});

/** `conv2` starts at zero: each block starts as its shortcut, which deep diffusion networks train better from (Ho et al. 2020; Nichol & Dhariwal 2021). */
const resnetOptions = ({ config, timeEmbedding }: Shared, out: number): ResnetBlockOptions => ({
  out,
  groups: config.norm_num_groups,
  epsilon: config.norm_eps,
  activation: config.act_fn,
  timeEmbedding,
  outInitializer: zeros,
});

const attend = (scope: Scope, x: Value, { level, shared }: { level: Level; shared: Shared }): Value =>
  spatialTransformer(scope, x, {
    heads: level.heads,
    layers: level.depth,
    context: shared.context,
    groups: shared.config.norm_num_groups,
    linearProjection: shared.config.use_linear_projection,
  });

/** Layer `index` of a block: a residual block and, where the level attends, a transformer. */
function layer(
  block: Scope,
  x: Value,
  { index, level, shared }: { index: number; level: Level; shared: Shared },
): Value {
  const hidden = resnetBlock(block.at('resnets', index), x, resnetOptions(shared, level.out));
  return level.attends ? attend(block.at('attentions', index), hidden, { level, shared }) : hidden;
}

/** Down blocks: [N, C, h, w] → the map of the lowest resolution, and the skip connections in the order in which they arise. */
function downBlocks(scope: Scope, x: Value, shared: Shared): { hidden: Value; skips: Value[] } {
  const types = shared.config.down_block_types;
  const skips = [x];
  let hidden = x;
  types.forEach((type, i) => {
    const block = scope.at('down_blocks', i);
    const level = levelAt(shared.config, i, type === 'CrossAttnDownBlock2D');
    for (let index = 0; index < level.layers; index++) {
      hidden = layer(block, hidden, { index, level, shared });
      skips.push(hidden);
    }
    if (i === types.length - 1) return;
    hidden = downsample(block.at('downsamplers', 0), hidden, { padding: shared.config.downsample_padding });
    skips.push(hidden);
  });
  return { hidden, skips };
}

function midBlock(scope: Scope, x: Value, shared: Shared): Value {
  const level = levelAt(shared.config, shared.config.block_out_channels.length - 1, true);
  const hidden = layer(scope, x, { index: 0, level, shared });
  return resnetBlock(scope.at('resnets', 1), hidden, resnetOptions(shared, level.out));
}

/** Up blocks: each layer is joined with the last of `skips`, which it takes away. */
function upBlocks(scope: Scope, x: Value, { shared, skips }: { shared: Shared; skips: Value[] }): Value {
  const types = shared.config.up_block_types;
  let hidden = x;
  types.forEach((type, i) => {
    const block = scope.at('up_blocks', i);
    const level = levelAt(shared.config, types.length - 1 - i, type === 'CrossAttnUpBlock2D');
    for (let index = 0; index <= level.layers; index++) {
      hidden = layer(block, ops.concat([hidden, skips.pop() as Value], 1), { index, level, shared });
    }
    const next = skips.at(-1);
    if (next === undefined) return;
    hidden = upsample(block.at('upsamplers', 0), hidden, { like: next });
  });
  return hidden;
}

/**
 * UNet2DConditionModel: noisy latent, timestep and text → prediction [N, out_channels, h, w], of any height and width: each map of an up
 * block is cut to the size of its skip connection. Source: Rombach et al. 2022; SDXL's additions: Podell et al. 2023. The last convolution starts at
 * zero, so that training starts from the prediction 0.
 * @throws {LascauxError} when an input that the config asks for is missing
 */
export function unet2DCondition(scope: Scope, config: UNet2DConditionConfig, inputs: UNet2DConditionInputs): Value {
  const shared: Shared = {
    config,
    timeEmbedding: unetEmbedding(scope, config, inputs),
    context: inputs.encoder_hidden_states,
  };
  const out = config.block_out_channels[0] as number;
  const embedded = conv2d(scope.at('conv_in'), inputs.sample, { out, kernel: config.conv_in_kernel });
  const { hidden, skips } = downBlocks(scope, embedded, shared);
  const decoded = upBlocks(scope, midBlock(scope.at('mid_block'), hidden, shared), { shared, skips });
  const normed = groupNorm(scope.at('conv_norm_out'), decoded, {
    groups: config.norm_num_groups,
    epsilon: config.norm_eps,
  });
  return conv2d(scope.at('conv_out'), activation(config.act_fn, normed), {
    out: config.out_channels,
    kernel: config.conv_out_kernel,
    initializer: zeros,
  });
}
