import {
  activation,
  attention,
  conv2d,
  downsample,
  fromTokens,
  groupNorm,
  resnetBlock,
  toTokens,
  upsample,
} from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { AutoencoderKLConfig } from './autoencoder-config.js';

/** ε of every group norm in the autoencoder (diffusers has it fixed too). */
const EPSILON = 1e-6;

interface Stack {
  readonly config: AutoencoderKLConfig;
  readonly out: number;
  readonly layers: number;
}

const resnet = (scope: Scope, x: Value, { config, out }: Omit<Stack, 'layers'>): Value =>
  resnetBlock(scope, x, { out, groups: config.norm_num_groups, epsilon: EPSILON, activation: config.act_fn });

function resnets(scope: Scope, x: Value, { config, out, layers }: Stack): Value {
  let hidden = x;
  for (let i = 0; i < layers; i++) hidden = resnet(scope.at('resnets', i), hidden, { config, out });
  return hidden;
}

/** Self-attention of all cells in one head, added to the feature map. */
function cellAttention(scope: Scope, x: Value, config: AutoencoderKLConfig): Value {
  const normed = groupNorm(scope.at('group_norm'), x, { groups: config.norm_num_groups, epsilon: EPSILON });
  return ops.add(x, fromTokens(attention(scope, toTokens(normed), { heads: 1, bias: true }), x.shape));
}

function middle(scope: Scope, x: Value, config: AutoencoderKLConfig): Value {
  const out = config.block_out_channels.at(-1) as number;
  const before = resnet(scope.at('resnets', 0), x, { config, out });
  const attended = config.mid_block_add_attention ? cellAttention(scope.at('attentions', 0), before, config) : before;
  return resnet(scope.at('resnets', 1), attended, { config, out });
}

function head(scope: Scope, x: Value, { config, out }: Omit<Stack, 'layers'>): Value {
  const normed = groupNorm(scope.at('conv_norm_out'), x, { groups: config.norm_num_groups, epsilon: EPSILON });
  return conv2d(scope.at('conv_out'), activation(config.act_fn, normed), { out, kernel: 3 });
}

/**
 * The encoder of AutoencoderKL: image [N, 3, H, W] in [−1, 1] → parameters of the posterior [N, 2·latent_channels, H/f, W/f], means
 * first, then log variances (not clamped). H and W must be multiples of f = 2^(blocks − 1). Source: Rombach et al. 2022.
 */
export function autoencoderKLEncode(scope: Scope, config: AutoencoderKLConfig, image: Value): Value {
  const encoder = scope.at('encoder');
  const channels = config.block_out_channels;
  let x = conv2d(encoder.at('conv_in'), image, { out: channels[0] as number, kernel: 3 });
  channels.forEach((out, i) => {
    const block = encoder.at('down_blocks', i);
    x = resnets(block, x, { config, out, layers: config.layers_per_block });
    if (i < channels.length - 1) x = downsample(block.at('downsamplers', 0), x, { padding: 0 });
  });
  x = middle(encoder.at('mid_block'), x, config);
  const out = 2 * config.latent_channels;
  x = head(encoder, x, { config, out });
  return config.use_quant_conv ? conv2d(scope.at('quant_conv'), x, { out, kernel: 1 }) : x;
}

/** The decoder of AutoencoderKL: latent, unscaled [N, latent_channels, h, w] → image [N, 3, f·h, f·w]. */
export function autoencoderKLDecode(scope: Scope, config: AutoencoderKLConfig, latent: Value): Value {
  const decoder = scope.at('decoder');
  const channels = [...config.block_out_channels].reverse();
  const z = config.use_post_quant_conv
    ? conv2d(scope.at('post_quant_conv'), latent, { out: config.latent_channels, kernel: 1 })
    : latent;
  let x = conv2d(decoder.at('conv_in'), z, { out: channels[0] as number, kernel: 3 });
  x = middle(decoder.at('mid_block'), x, config);
  channels.forEach((out, i) => {
    const block = decoder.at('up_blocks', i);
    x = resnets(block, x, { config, out, layers: config.layers_per_block + 1 });
    if (i < channels.length - 1) x = upsample(block.at('upsamplers', 0), x);
  });
  return head(decoder, x, { config, out: config.out_channels });
}
