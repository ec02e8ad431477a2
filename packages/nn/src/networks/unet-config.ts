import { z } from 'zod';
import { parseConfig } from './parse-config.js';
import {
  activationSchema,
  fitsBlocks,
  groupsDivide,
  layersPerBlock,
  only,
  perBlock,
  sampleSize,
  size,
} from './schema-parts.js';

const crossDown = 'CrossAttnDownBlock2D';
const crossUp = 'CrossAttnUpBlock2D';

const fields = z.strictObject({
  sample_size: sampleSize.nullable().default(null),
  in_channels: size.default(4),
  out_channels: size.default(4),
  flip_sin_to_cos: z.boolean().default(true),
  freq_shift: z.number().default(0),
  down_block_types: z
    .array(z.enum(['DownBlock2D', crossDown]))
    .default([crossDown, crossDown, crossDown, 'DownBlock2D']),
  up_block_types: z.array(z.enum(['UpBlock2D', crossUp])).default(['UpBlock2D', crossUp, crossUp, crossUp]),
  block_out_channels: z.array(size).min(1).default([320, 640, 1280, 1280]),
  layers_per_block: layersPerBlock.default(2),
  downsample_padding: z.int().min(0).max(1).default(1),
  act_fn: activationSchema.default('silu'),
  norm_num_groups: size.default(32),
  norm_eps: z.number().default(1e-5),
  cross_attention_dim: size.default(1280),
  transformer_layers_per_block: layersPerBlock.default(1),
  attention_head_dim: perBlock.default(8),
  use_linear_projection: z.boolean().default(false),
  addition_embed_type: z.literal('text_time').nullable().default(null),
  addition_time_embed_dim: size.nullable().default(null),
  projection_class_embeddings_input_dim: size.nullable().default(null),
  time_embedding_dim: size.nullable().default(null),
  time_cond_proj_dim: size.nullable().default(null),
  conv_in_kernel: size.default(3),
  conv_out_kernel: size.default(3),
  // Read and of no consequence: everything is computed in float32, and these matter only to modules that we do not have.
  upcast_attention: z.boolean().nullable().default(false),
  addition_embed_type_num_heads: size.default(64),
  mid_block_only_cross_attention: z.boolean().nullable().default(null),
  // Switches of other networks, which must be off.
  center_input_sample: only(false),
  mid_block_type: only('UNetMidBlock2DCrossAttn'),
  mid_block_scale_factor: only(1),
  only_cross_attention: only(false),
  dual_cross_attention: only(false),
  reverse_transformer_layers_per_block: only(null),
  num_attention_heads: only(null),
  encoder_hid_dim: only(null),
  encoder_hid_dim_type: only(null),
  class_embed_type: only(null),
  class_embeddings_concat: only(false),
  num_class_embeds: only(null),
  resnet_time_scale_shift: only('default'),
  resnet_skip_time_act: only(false),
  resnet_out_scale_factor: only(1),
  time_embedding_type: only('positional'),
  time_embedding_act_fn: only(null),
  timestep_post_act: only(null),
  attention_type: only('default'),
  cross_attention_norm: only(null),
});

type Fields = z.output<typeof fields>;
type Rule = readonly [path: string, holds: (config: Fields) => boolean, message: string];

const onePerBlock = (key: keyof Fields): Rule => [
  key,
  (config) => fitsBlocks(config[key] as number | readonly number[], config.block_out_channels.length),
  'must be one number or one for each of block_out_channels',
];
const needed = (key: 'addition_time_embed_dim' | 'projection_class_embeddings_input_dim'): Rule => [
  key,
  (config) => config.addition_embed_type === null || config[key] !== null,
  'is needed with addition_embed_type text_time',
];
const oneType = (key: 'down_block_types' | 'up_block_types'): Rule => [
  key,
  (config) => config[key].length === config.block_out_channels.length,
  'must have one entry for each of block_out_channels',
];

const rules: readonly Rule[] = [
  oneType('down_block_types'),
  oneType('up_block_types'),
  onePerBlock('layers_per_block'),
  onePerBlock('transformer_layers_per_block'),
  onePerBlock('attention_head_dim'),
  ['norm_num_groups', groupsDivide, 'must divide each of block_out_channels'],
  needed('addition_time_embed_dim'),
  needed('projection_class_embeddings_input_dim'),
];

const schema = fields.superRefine((config, context) => {
  for (const [path, holds, message] of rules) {
    if (!holds(config)) context.addIssue({ code: 'custom', path: [path], message });
  }
});

/**
 * The config of diffusers' UNet2DConditionModel, with its keys and defaults. `attention_head_dim` is the *number* of heads: the key was
 * misnamed there, and thousands of files keep the name.
 */
export type UNet2DConditionConfig = Readonly<Fields>;

/** Reads a UNet2DConditionModel `config.json`. @throws {LascauxError} naming an unknown key or a value that is not supported */
export const unet2DConditionConfig = (json: unknown): UNet2DConditionConfig =>
  parseConfig('UNet2DConditionModel config', schema, json);
