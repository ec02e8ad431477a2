import { z } from 'zod';
import { LascauxError } from '../errors.js';
import { parseConfig } from './parse-config.js';
import { activationSchema, layerCount, size } from './schema-parts.js';

const headsDivide = {
  path: ['num_attention_heads'],
  message: 'must divide hidden_size',
};

const text = z
  .strictObject({
    vocab_size: size.default(49408),
    hidden_size: size.default(512),
    intermediate_size: size.default(2048),
    projection_dim: size.default(512),
    num_hidden_layers: layerCount.default(12),
    num_attention_heads: size.default(8),
    max_position_embeddings: size.default(77),
    hidden_act: activationSchema.default('quick_gelu'),
    layer_norm_eps: z.number().default(1e-5),
    eos_token_id: z.int().default(49407),
  })
  .refine((config) => config.hidden_size % config.num_attention_heads === 0, headsDivide);

const vision = z
  .strictObject({
    hidden_size: size.default(768),
    intermediate_size: size.default(3072),
    projection_dim: size.default(512),
    num_hidden_layers: layerCount.default(12),
    num_attention_heads: size.default(12),
    num_channels: size.default(3),
    image_size: size.default(224),
    patch_size: size.default(32),
    hidden_act: activationSchema.default('quick_gelu'),
    layer_norm_eps: z.number().default(1e-5),
    // Written by older versions into every config; an image has no end token.
    eos_token_id: z.int().nullish(),
  })
  .refine((config) => config.hidden_size % config.num_attention_heads === 0, headsDivide);

/** The config of transformers' CLIP text models, with its keys and defaults. */
export type CLIPTextConfig = Readonly<z.output<typeof text>>;
/** The config of transformers' CLIP vision models, with its keys and defaults. */
export type CLIPVisionConfig = Readonly<z.output<typeof vision>>;

/** The `text_config` or `vision_config` of a whole CLIP's config; any other config as it is. */
function part(json: unknown, key: 'text_config' | 'vision_config'): unknown {
  if (typeof json !== 'object' || json === null || !(key in json)) return json;
  const inner: unknown = (json as Readonly<Record<string, unknown>>)[key];
  if (typeof inner !== 'object' || inner === null) {
    throw new LascauxError({ operation: 'CLIP config', rule: `${key} must be an object`, value: inner, kind: 'usage' });
  }
  const outer = json as Readonly<Record<string, unknown>>;
  return 'projection_dim' in outer ? { projection_dim: outer.projection_dim, ...inner } : inner;
}

/** Reads the config of a CLIP text model, or the text half of a whole CLIP's. @throws {LascauxError} naming the key at fault */
export const clipTextConfig = (json: unknown): CLIPTextConfig =>
  parseConfig('CLIP text config', text, part(json, 'text_config'));

/** Reads the config of a CLIP vision model, or the vision half of a whole CLIP's. @throws {LascauxError} naming the key at fault */
export const clipVisionConfig = (json: unknown): CLIPVisionConfig =>
  parseConfig('CLIP vision config', vision, part(json, 'vision_config'));
