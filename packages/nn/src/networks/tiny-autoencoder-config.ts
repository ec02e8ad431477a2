import { z } from 'zod';
import { parseConfig } from './parse-config.js';
import { activationSchema, only, size } from './schema-parts.js';

/** Layers of one width: between two of them the reference has none that could change it. */
const widths = z
  .array(size)
  .min(1)
  .refine((channels) => channels.every((count) => count === channels[0]), 'must all be the same')
  .default([64, 64, 64, 64]);
const counts = (value: readonly number[]) =>
  z
    .array(z.int().min(0))
    .min(1)
    .default([...value]);

const schema = z
  .strictObject({
    in_channels: size.default(3),
    out_channels: size.default(3),
    encoder_block_out_channels: widths,
    decoder_block_out_channels: widths,
    /** A copy of `decoder_block_out_channels`, which diffusers writes as well. */
    block_out_channels: z.array(size).optional(),
    act_fn: activationSchema.default('relu'),
    upsample_fn: only('nearest'),
    latent_channels: size.default(4),
    upsampling_scaling_factor: only(2),
    num_encoder_blocks: counts([1, 3, 3, 3]),
    num_decoder_blocks: counts([3, 3, 3, 1]),
    latent_magnitude: z.number().default(3),
    latent_shift: z.number().default(0.5),
    force_upcast: z.boolean().default(false),
    scaling_factor: z.number().default(1),
    shift_factor: z.number().nullable().default(0),
    /** Whether blocks at the lowest resolution have a pooled branch: taef2's `use_midblock_gn`, which diffusers lacks. */
    use_midblock_gn: z.boolean().default(false),
  })
  .refine((config) => config.encoder_block_out_channels.length === config.num_encoder_blocks.length, {
    path: ['num_encoder_blocks'],
    message: 'must have one entry for each of encoder_block_out_channels',
  })
  .refine((config) => config.decoder_block_out_channels.length === config.num_decoder_blocks.length, {
    path: ['num_decoder_blocks'],
    message: 'must have one entry for each of decoder_block_out_channels',
  })
  .refine((config) => config.num_encoder_blocks.length === config.num_decoder_blocks.length, {
    path: ['num_decoder_blocks'],
    message: 'must have as many entries as num_encoder_blocks',
  });

/** The config of diffusers' AutoencoderTiny, with its keys and defaults, and `use_midblock_gn` for taef2. */
export type AutoencoderTinyConfig = Readonly<z.output<typeof schema>>;

/** Reads an AutoencoderTiny `config.json`. @throws {LascauxError} naming an unknown key or a value that is not supported */
export const autoencoderTinyConfig = (json: unknown): AutoencoderTinyConfig =>
  parseConfig('AutoencoderTiny config', schema, json);
