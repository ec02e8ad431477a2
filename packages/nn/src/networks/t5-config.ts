import { z } from 'zod';
import type { ActivationName } from '../layers/index.js';
import { parseConfig } from './parse-config.js';
import { layerCount, size } from './schema-parts.js';

const feedForwards = {
  relu: { gated: false, activation: 'relu' },
  gelu: { gated: false, activation: 'gelu' },
  silu: { gated: false, activation: 'silu' },
  'gated-relu': { gated: true, activation: 'relu' },
  // The name says gelu; the weights of T5 1.1 were trained with its tanh approximation.
  'gated-gelu': { gated: true, activation: 'gelu_new' },
  'gated-silu': { gated: true, activation: 'silu' },
} as const satisfies Record<string, { gated: boolean; activation: ActivationName }>;

type FeedForwardName = keyof typeof feedForwards;

const schema = z.strictObject({
  vocab_size: size.default(32128),
  d_model: size.default(512),
  d_kv: size.default(64),
  d_ff: size.default(2048),
  num_layers: layerCount.default(6),
  num_heads: size.default(8),
  relative_attention_num_buckets: z.int().min(4).multipleOf(4).default(32),
  relative_attention_max_distance: size.default(128),
  layer_norm_epsilon: z.number().default(1e-6),
  feed_forward_proj: z.enum(Object.keys(feedForwards) as [FeedForwardName, ...FeedForwardName[]]).default('relu'),
  // Of the decoder, or derived from feed_forward_proj.
  num_decoder_layers: layerCount.nullish(),
  dense_act_fn: z.string().optional(),
  is_gated_act: z.boolean().optional(),
  scale_decoder_outputs: z.boolean().optional(),
  eos_token_id: z.int().default(1),
});

/** The config of transformers' T5EncoderModel, with its keys and defaults. */
export type T5Config = Readonly<z.output<typeof schema>>;

/** Reads a T5 `config.json`. @throws {LascauxError} naming an unknown key or a value that is not supported */
export const t5Config = (json: unknown): T5Config => parseConfig('T5 config', schema, json);

/** Whether the feed-forward layers have a gate, and their activation. */
export const t5FeedForward = (config: T5Config): { readonly gated: boolean; readonly activation: ActivationName } =>
  feedForwards[config.feed_forward_proj];
