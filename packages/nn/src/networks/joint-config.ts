import { z } from 'zod';
import { parseConfig } from './parse-config.js';
import { only, size } from './schema-parts.js';

const heads = {
  num_layers: size.default(18),
  attention_head_dim: size.default(64),
  num_attention_heads: size.default(18),
  joint_attention_dim: size.default(4096),
};

const sd3 = z
  .strictObject({
    ...heads,
    sample_size: size.default(128),
    patch_size: size.default(2),
    in_channels: size.default(16),
    out_channels: size.nullable().default(16),
    caption_projection_dim: size.default(1152),
    pooled_projection_dim: size.default(2048),
    pos_embed_max_size: size.default(96),
    dual_attention_layers: z.array(z.int().nonnegative()).default([]),
    qk_norm: z.enum(['rms_norm']).nullable().default(null),
  })
  .refine(
    ({ caption_projection_dim: width, num_attention_heads: count, attention_head_dim: channels }) =>
      width === count * channels,
    { path: ['caption_projection_dim'], message: 'must be num_attention_heads times attention_head_dim' },
  );

const flux = z
  .strictObject({
    ...heads,
    patch_size: only(1),
    in_channels: size.default(64),
    out_channels: size.nullable().default(null),
    num_layers: size.default(19),
    num_single_layers: size.default(38),
    attention_head_dim: size.default(128),
    num_attention_heads: size.default(24),
    pooled_projection_dim: size.default(768),
    guidance_embeds: z.boolean().default(false),
    axes_dims_rope: z.array(size.multipleOf(2)).length(3).default([16, 56, 56]),
  })
  .refine(
    ({ axes_dims_rope: widths, attention_head_dim: channels }) =>
      widths.reduce((total, width) => total + width, 0) === channels,
    { path: ['axes_dims_rope'], message: 'must add up to attention_head_dim' },
  );

/** The config of diffusers' SD3Transformer2DModel (Stable Diffusion 3 and 3.5), with its keys and defaults. */
export type SD3TransformerConfig = Readonly<z.output<typeof sd3>>;
/** The config of diffusers' FluxTransformer2DModel, with its keys and defaults. */
export type FluxTransformerConfig = Readonly<z.output<typeof flux>>;

/** Reads an SD3Transformer2DModel `config.json`. @throws {LascauxError} naming the key at fault */
export const sd3TransformerConfig = (json: unknown): SD3TransformerConfig =>
  parseConfig('SD3Transformer2DModel config', sd3, json);

/** Reads a FluxTransformer2DModel `config.json`. @throws {LascauxError} naming the key at fault */
export const fluxTransformerConfig = (json: unknown): FluxTransformerConfig =>
  parseConfig('FluxTransformer2DModel config', flux, json);

/** Width of a token. */
export const jointWidth = (config: SD3TransformerConfig | FluxTransformerConfig): number =>
  config.num_attention_heads * config.attention_head_dim;
