import { z } from 'zod';
import { parseConfig } from './parse-config.js';
import { activationSchema, groupsDivide, layerCount, sampleSize, size } from './schema-parts.js';

const latentNumbers = z.array(z.number()).nullable().default(null);

const schema = z
  .strictObject({
    in_channels: size.default(3),
    out_channels: size.default(3),
    down_block_types: z.array(z.literal('DownEncoderBlock2D')).min(1).default(['DownEncoderBlock2D']),
    up_block_types: z.array(z.literal('UpDecoderBlock2D')).min(1).default(['UpDecoderBlock2D']),
    block_out_channels: z.array(size).min(1).default([64]),
    layers_per_block: layerCount.default(1),
    act_fn: activationSchema.default('silu'),
    latent_channels: size.default(4),
    norm_num_groups: size.default(32),
    sample_size: sampleSize.default(32),
    scaling_factor: z.number().default(0.18215),
    shift_factor: z.number().nullable().default(null),
    latents_mean: latentNumbers,
    latents_std: latentNumbers,
    force_upcast: z.boolean().default(true),
    use_quant_conv: z.boolean().default(true),
    use_post_quant_conv: z.boolean().default(true),
    mid_block_add_attention: z.boolean().default(true),
  })
  .refine(({ down_block_types: down, block_out_channels: channels }) => down.length === channels.length, {
    path: ['down_block_types'],
    message: 'must have one entry for each of block_out_channels',
  })
  .refine(({ up_block_types: up, block_out_channels: channels }) => up.length === channels.length, {
    path: ['up_block_types'],
    message: 'must have one entry for each of block_out_channels',
  })
  .refine(groupsDivide, { path: ['norm_num_groups'], message: 'must divide each of block_out_channels' });

/** The config of diffusers' AutoencoderKL, with its keys and defaults. */
export type AutoencoderKLConfig = Readonly<z.output<typeof schema>>;

/** Reads an AutoencoderKL `config.json`. @throws {LascauxError} naming an unknown key or a value that is not supported */
export const autoencoderKLConfig = (json: unknown): AutoencoderKLConfig =>
  parseConfig('AutoencoderKL config', schema, json);

/** Image cells per latent cell along one axis: 2^(blocks − 1). */
export const spatialFactor = (config: AutoencoderKLConfig): number => 2 ** (config.block_out_channels.length - 1);
