import { activation, channelRmsNorm, conv2d, groupMean, repeatChannels } from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { AutoencoderDCConfig } from './autoencoder-dc-config.js';

const EPSILON = 1e-5;
/** Every block but the last halves, or doubles, height and width. */
const FACTOR = 2;
const CELLS = FACTOR * FACTOR;

/** x + norm(conv(silu(conv(x)))), all of one width (diffusers' ResBlock). */
function residualBlock(scope: Scope, x: Value): Value {
  const out = x.shape[1] as number;
  const hidden = ops.silu(conv2d(scope.at('conv1'), x, { out, kernel: 3 }));
  const convolved = conv2d(scope.at('conv2'), hidden, { out, kernel: 3, bias: false });
  return ops.add(x, channelRmsNorm(scope.at('norm'), convolved, { epsilon: EPSILON }));
}

/** Half the height and width: a convolution to a quarter of the channels, unshuffled (DC-AE, section 3.2: space to channel). */
function down(scope: Scope, x: Value, { out, shortcut }: { readonly out: number; readonly shortcut: boolean }): Value {
  const unshuffled = ops.pixelUnshuffle(conv2d(scope.at('conv'), x, { out: out / CELLS, kernel: 3 }), FACTOR);
  return shortcut ? ops.add(unshuffled, groupMean(ops.pixelUnshuffle(x, FACTOR), out)) : unshuffled;
}

interface UpOptions {
  readonly out: number;
  readonly shortcut: boolean;
  readonly interpolate: boolean;
}

/** Twice the height and width: a convolution to four times the channels, shuffled, or of the repeated map (DC-AE: channel to space). */
function up(scope: Scope, x: Value, { out, shortcut, interpolate }: UpOptions): Value {
  const larger = interpolate
    ? conv2d(scope.at('conv'), ops.upsampleNearest(x, FACTOR), { out, kernel: 3 })
    : ops.pixelShuffle(conv2d(scope.at('conv'), x, { out: out * CELLS, kernel: 3 }), FACTOR);
  return shortcut ? ops.add(larger, ops.pixelShuffle(repeatChannels(x, out * CELLS), FACTOR)) : larger;
}

/**
 * The encoder of AutoencoderDC: image [N, 3, H, W] in [−1, 1] → parameters of the posterior [N, 2·latent_channels, H/f, W/f], means first,
 * then log variances (not clamped), where the config has them, else the raw latent [N, latent_channels, H/f, W/f]. H and W must be multiples
 * of f = 2^(blocks − 1). Source: Chen et al. 2024, "Deep Compression Autoencoder"; diffusers' AutoencoderDC.
 * Why: docs/decisions/0133.
 */
export function autoencoderDCEncode(scope: Scope, config: AutoencoderDCConfig, image: Value): Value {
  const encoder = scope.at('encoder');
  const { encoder_block_out_channels: channels, encoder_layers_per_block: layers, latent_channels: out } = config;
  const isWide = (layers[0] as number) > 0;
  let x = isWide
    ? conv2d(encoder.at('conv_in'), image, { out: channels[0] as number, kernel: 3 })
    : down(encoder.at('conv_in'), image, { out: channels[1] as number, shortcut: false });
  channels.forEach((_, i) => {
    const block = encoder.at('down_blocks', i);
    const count = layers[i] as number;
    for (let j = 0; j < count; j++) x = residualBlock(block.at(j), x);
    const next = channels[i + 1];
    if (count > 0 && next !== undefined) x = down(block.at(count), x, { out: next, shortcut: true });
  });
  const projected = conv2d(encoder.at('conv_out'), x, { out, kernel: 3 });
  const mean = config.encoder_out_shortcut ? ops.add(projected, groupMean(x, out)) : projected;
  if (!config.has_log_variance) return mean;
  return ops.concat([mean, conv2d(encoder.at('conv_out_log_variance'), x, { out, kernel: 3 })], 1);
}

/** The decoder of AutoencoderDC: latent, unscaled [N, latent_channels, h, w] → image [N, 3, f·h, f·w]. */
export function autoencoderDCDecode(scope: Scope, config: AutoencoderDCConfig, latent: Value): Value {
  const decoder = scope.at('decoder');
  const { decoder_block_out_channels: channels, decoder_layers_per_block: layers } = config;
  const interpolate = config.upsample_block_type === 'interpolate';
  const widest = channels.at(-1) as number;
  const embedded = conv2d(decoder.at('conv_in'), latent, { out: widest, kernel: 3 });
  let x = config.decoder_in_shortcut ? ops.add(embedded, repeatChannels(latent, widest)) : embedded;
  for (let i = channels.length - 1; i >= 0; i--) {
    const count = layers[i] as number;
    if (count === 0) continue;
    const block = decoder.at('up_blocks', i);
    // The first place of each sequence but the last block's is taken by the doubling.
    const doubles = i < channels.length - 1;
    if (doubles) x = up(block.at(0), x, { out: channels[i] as number, shortcut: true, interpolate });
    for (let j = 0; j < count; j++) x = residualBlock(block.at(doubles ? j + 1 : j), x);
  }
  const normed = channelRmsNorm(decoder.at('norm_out'), x, { epsilon: EPSILON });
  const active = activation(config.decoder_conv_act_fn, normed);
  const out = config.in_channels;
  return (layers[0] as number) > 0
    ? conv2d(decoder.at('conv_out'), active, { out, kernel: 3 })
    : up(decoder.at('conv_out'), active, { out, shortcut: false, interpolate });
}
