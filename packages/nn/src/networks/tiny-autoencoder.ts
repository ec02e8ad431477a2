import { activation, conv2d, groupNorm } from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { AutoencoderTinyConfig } from './tiny-autoencoder-config.js';

/** Latents are drawn softly into (−3, 3), where nearly all of them lie anyway. */
const LATENT_MAGNITUDE = 3;
/** Of the pooled branch. */
const POOL_GROUPS = 4;
const POOL_FACTOR = 4;

/** x + conv(relu(norm(conv(x)))): statistics of the whole image for the blocks at its lowest resolution (`pool` in taef2). */
function pooled(scope: Scope, x: Value): Value {
  const width = x.shape[1] as number;
  const wide = conv2d(scope.at(0), x, { out: POOL_FACTOR * width, kernel: 1, bias: false });
  const normed = ops.relu(groupNorm(scope.at(1), wide, { groups: POOL_GROUPS }));
  return ops.add(x, conv2d(scope.at(3), normed, { out: width, kernel: 1, bias: false }));
}

interface Block {
  readonly act: AutoencoderTinyConfig['act_fn'];
  readonly isPooled: boolean;
}

/** relu(x + conv(act(conv(act(conv(x)))))), all of one width (diffusers' AutoencoderTinyBlock). */
function block(scope: Scope, x: Value, { act, isPooled }: Block): Value {
  const out = x.shape[1] as number;
  const start = isPooled ? pooled(scope.at('pool'), x) : x;
  const convolved = (name: number, value: Value): Value => conv2d(scope.at('conv', name), value, { out, kernel: 3 });
  const first = activation(act, convolved(0, start));
  return ops.relu(ops.add(convolved(4, activation(act, convolved(2, first))), start));
}

/** Layers that are named by their place, as in a sequence of modules. */
function sequence(scope: Scope): { readonly next: () => Scope; readonly skip: () => void } {
  let index = 0;
  return { next: () => scope.at('layers', index++), skip: () => void index++ };
}

/**
 * The encoder of AutoencoderTiny: image [N, 3, H, W] in [−1, 1] → raw latent [N, latent_channels, H/f, W/f], f = 2^(stages − 1). It is
 * deterministic: there is no posterior. H and W must be multiples of f. Source: diffusers' EncoderTiny; Boer Bohan, TAESD.
 * Why: docs/decisions/0096.
 */
export function autoencoderTinyEncode(scope: Scope, config: AutoencoderTinyConfig, image: Value): Value {
  const { num_encoder_blocks: stages, act_fn: act } = config;
  const out = config.encoder_block_out_channels[0] as number;
  const { next } = sequence(scope.at('encoder'));
  let x = ops.mul(ops.add(image, 1), 0.5);
  stages.forEach((blocks, stage) => {
    const isFirst = stage === 0;
    x = conv2d(next(), x, { out, kernel: 3, stride: isFirst ? 1 : 2, padding: 1, bias: isFirst });
    const isPooled = config.use_midblock_gn && stage === stages.length - 1;
    for (let i = 0; i < blocks; i++) x = block(next(), x, { act, isPooled });
  });
  return conv2d(next(), x, { out: config.latent_channels, kernel: 3 });
}

/** The decoder of AutoencoderTiny: raw latent [N, latent_channels, h, w] → image [N, 3, f·h, f·w]. Source: diffusers' DecoderTiny. */
export function autoencoderTinyDecode(scope: Scope, config: AutoencoderTinyConfig, latent: Value): Value {
  const { num_decoder_blocks: stages, act_fn: act } = config;
  const out = config.decoder_block_out_channels[0] as number;
  const { next, skip } = sequence(scope.at('decoder'));
  const bounded = ops.mul(ops.tanh(ops.mul(latent, 1 / LATENT_MAGNITUDE)), LATENT_MAGNITUDE);
  let x = activation(act, conv2d(next(), bounded, { out, kernel: 3 }));
  skip(); // the activation has a place in the sequence
  stages.forEach((blocks, stage) => {
    const isPooled = config.use_midblock_gn && stage === 0;
    for (let i = 0; i < blocks; i++) x = block(next(), x, { act, isPooled });
    if (stage === stages.length - 1) return;
    skip(); // so has doubling
    x = conv2d(next(), ops.upsampleNearest(x, 2), { out, kernel: 3, bias: false });
  });
  const image = conv2d(next(), x, { out: config.out_channels, kernel: 3 });
  return ops.sub(ops.mul(image, 2), 1);
}
