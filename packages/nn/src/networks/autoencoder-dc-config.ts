import { z } from 'zod';
import { parseConfig } from './parse-config.js';
import { only, size } from './schema-parts.js';

/** Whether the shortcuts between blocks, which average or repeat channels, come out even; a first block without layers has none. */
const isEven = (channels: readonly number[], layers: readonly number[]): boolean =>
  channels.slice(1).every((next, i) => (i === 0 && layers[0] === 0) || Number.isInteger((4 * channels[i]!) / next));
const EVEN = 'four times the channels of a block must be a multiple of those of the next, for the shortcuts';

const widths = z.array(size).min(2).default([128, 256, 512, 512, 1024, 1024]);
const counts = (value: readonly number[]) =>
  z
    .array(z.int().min(0).max(1024))
    .min(2)
    .default([...value]);
/** Blocks of linear attention (EfficientViT) are not written yet. */
const blockTypes = z
  .union([
    z.literal('ResBlock'),
    z
      .array(z.literal('ResBlock'))
      .min(1)
      .transform(() => 'ResBlock' as const),
  ])
  .default('ResBlock');
const perBlockOnly = <Value extends string>(value: Value) =>
  z.union([z.literal(value), z.array(z.literal(value)).transform(() => value)]).default(value as never);
/** Of attention, which blocks of residual convolutions do not have. */
const unused = z.array(z.array(z.int())).optional();

const schema = z
  .strictObject({
    in_channels: size.default(3),
    latent_channels: size.default(32),
    attention_head_dim: size.optional(),
    encoder_block_types: blockTypes,
    decoder_block_types: blockTypes,
    encoder_block_out_channels: widths,
    decoder_block_out_channels: widths,
    encoder_layers_per_block: counts([2, 2, 2, 3, 3, 3]),
    decoder_layers_per_block: counts([3, 3, 3, 3, 3, 3]),
    encoder_qkv_multiscales: unused,
    decoder_qkv_multiscales: unused,
    upsample_block_type: z.enum(['pixel_shuffle', 'interpolate']).default('pixel_shuffle'),
    downsample_block_type: only('pixel_unshuffle'),
    decoder_norm_types: perBlockOnly('rms_norm'),
    decoder_act_fns: perBlockOnly('silu'),
    encoder_out_shortcut: z.boolean().default(true),
    decoder_in_shortcut: z.boolean().default(true),
    decoder_conv_act_fn: z.enum(['relu', 'silu']).default('relu'),
    scaling_factor: z.number().default(1),
    shift_factor: z.number().nullable().default(0),
    /** What StableDiffusionPipeline reads the spatial factor from; diffusers' AutoencoderDC itself has no such key. */
    block_out_channels: z.array(size).optional(),
    /** Whether the encoder has a second head `encoder.conv_out_log_variance` for log σ² of a Gaussian posterior; ours, diffusers ignores it. */
    has_log_variance: z.boolean().default(false),
  })
  .refine((config) => config.encoder_layers_per_block.length === config.encoder_block_out_channels.length, {
    path: ['encoder_layers_per_block'],
    message: 'must have one entry for each of encoder_block_out_channels',
  })
  .refine((config) => config.decoder_layers_per_block.length === config.decoder_block_out_channels.length, {
    path: ['decoder_layers_per_block'],
    message: 'must have one entry for each of decoder_block_out_channels',
  })
  .refine((config) => config.encoder_block_out_channels.length === config.decoder_block_out_channels.length, {
    path: ['decoder_block_out_channels'],
    message: 'must have as many entries as encoder_block_out_channels',
  })
  .refine(
    ({ encoder_layers_per_block: e, decoder_layers_per_block: d }) =>
      [e, d].every((n) => n.slice(1).every((m) => m > 0)),
    {
      path: ['encoder_layers_per_block'],
      message: 'only the first block may have no layers',
    },
  )
  .refine(
    ({ encoder_block_out_channels: e, decoder_block_out_channels: d, latent_channels: z }) =>
      [e, d].every((channels) => (channels.at(-1) as number) % z === 0),
    { path: ['latent_channels'], message: 'must divide the last of the blocks’ channels, for the shortcuts' },
  )
  .refine((config) => isEven(config.encoder_block_out_channels, config.encoder_layers_per_block), {
    path: ['encoder_block_out_channels'],
    message: EVEN,
  })
  .refine((config) => isEven(config.decoder_block_out_channels, config.decoder_layers_per_block), {
    path: ['decoder_block_out_channels'],
    message: EVEN,
  });

/** The config of diffusers' AutoencoderDC of residual blocks, with its keys and defaults, and `has_log_variance` for one with a posterior. */
export type AutoencoderDCConfig = Readonly<z.output<typeof schema>>;

/** Reads an AutoencoderDC `config.json`. @throws {LascauxError} naming an unknown key or a value that is not supported */
export const autoencoderDCConfig = (json: unknown): AutoencoderDCConfig =>
  parseConfig('AutoencoderDC config', schema, json);

/** Image cells per latent cell along one axis: 2^(blocks − 1). */
export const autoencoderDCFactor = (config: AutoencoderDCConfig): number =>
  2 ** (config.encoder_block_out_channels.length - 1);
