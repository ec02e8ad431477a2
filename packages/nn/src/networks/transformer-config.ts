import { z } from 'zod';
import type { FeedForwardOptions } from '../layers/index.js';
import { parseConfig } from './parse-config.js';
import { layerCount, only, size } from './schema-parts.js';

const feedForwards = {
  'gelu-approximate': 'gelu_pytorch_tanh',
  gelu: 'gelu',
  geglu: 'geglu',
} as const satisfies Record<string, FeedForwardOptions['kind']>;

type FeedForwardName = keyof typeof feedForwards;

/** Keys of both DiT and PixArt. */
const shared = {
  num_attention_heads: size.default(16),
  attention_head_dim: size.default(72),
  in_channels: size.default(4),
  num_layers: layerCount.default(28),
  attention_bias: z.boolean().default(true),
  patch_size: size.default(2),
  activation_fn: z
    .enum(Object.keys(feedForwards) as [FeedForwardName, ...FeedForwardName[]])
    .default('gelu-approximate'),
  // Read and of no consequence.
  norm_num_groups: size.default(32),
  upcast_attention: z.boolean().default(false),
  // Switches of other networks, written by older versions, which must be off.
  norm_elementwise_affine: only(false),
  double_self_attention: only(false),
  only_cross_attention: only(false),
  num_vector_embeds: only(null),
  use_linear_projection: only(false),
  attention_type: only('default'),
};

const widthRule = {
  path: ['attention_head_dim'],
  message: 'times num_attention_heads must be a multiple of 4 (two axes of sine and cosine)',
};
const widthFits = (config: { num_attention_heads: number; attention_head_dim: number }): boolean =>
  (config.num_attention_heads * config.attention_head_dim) % 4 === 0;

const dit = z
  .strictObject({
    ...shared,
    out_channels: size.nullable().default(null),
    sample_size: size.default(32),
    num_embeds_ada_norm: size.default(1000),
    norm_type: only('ada_norm_zero'),
    norm_eps: z.number().default(1e-5),
    cross_attention_dim: only(null),
    // Of PixArt; the class that both had in common writes them for either.
    caption_channels: only(null),
    interpolation_scale: only(null),
    use_additional_conditions: only(null),
  })
  .refine(widthFits, widthRule);

const pixart = z
  .strictObject({
    ...shared,
    out_channels: size.nullable().default(8),
    cross_attention_dim: size.default(1152),
    sample_size: size.default(128),
    num_embeds_ada_norm: size.default(1000),
    norm_type: only('ada_norm_single'),
    norm_eps: z.number().default(1e-6),
    interpolation_scale: z.number().positive().nullable().default(null),
    use_additional_conditions: z.boolean().nullable().default(null),
    caption_channels: size.nullable().default(null),
  })
  .refine(widthFits, widthRule);

/** The config of diffusers' DiTTransformer2DModel, with its keys and defaults. */
export type DiTConfig = Readonly<z.output<typeof dit>>;
/** The config of diffusers' PixArtTransformer2DModel, with its keys and defaults. */
export type PixArtConfig = Readonly<z.output<typeof pixart>>;

/** Reads a DiTTransformer2DModel `config.json`. @throws {LascauxError} naming the key at fault */
export const ditConfig = (json: unknown): DiTConfig => parseConfig('DiTTransformer2DModel config', dit, json);

/** Reads a PixArtTransformer2DModel `config.json`. @throws {LascauxError} naming the key at fault */
export const pixArtConfig = (json: unknown): PixArtConfig =>
  parseConfig('PixArtTransformer2DModel config', pixart, json);

/** Width of a token. */
export const transformerWidth = (config: DiTConfig | PixArtConfig): number =>
  config.num_attention_heads * config.attention_head_dim;

/** The feed-forward layer that `activation_fn` names. */
export const transformerFeedForward = (config: DiTConfig | PixArtConfig): FeedForwardOptions['kind'] =>
  feedForwards[config.activation_fn];

/** Whether a PixArt has the inputs `resolution` and `aspect_ratio`: by default those for 1024 pixels have. */
export const takesImageSize = (config: PixArtConfig): boolean =>
  config.use_additional_conditions ?? config.sample_size === 128;
