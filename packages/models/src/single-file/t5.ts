import type { JsonObject } from '../convert/component-kinds.js';
import { countOf, has, sizeAt, type Entries } from './shapes.js';

const ATTENTION = 'encoder.block.0.layer.0.SelfAttention';
/** Names of the token table, older and newer. */
const TABLES = ['shared.weight', 'encoder.embed_tokens.weight'];

/** The config of transformers' T5EncoderModel that the shapes of a checkpoint tell. */
export function t5Config(entries: Entries): JsonObject {
  const table = TABLES.find((name) => entries.has(name)) ?? TABLES[0]!;
  const heads = sizeAt(entries, `${ATTENTION}.relative_attention_bias.weight`, 1);
  const isGated = has(entries, 'encoder.block.0.layer.1.DenseReluDense.wi_0.');
  const feedForward = isGated ? 'wi_0' : 'wi';
  return {
    architectures: ['T5EncoderModel'],
    model_type: 't5',
    vocab_size: sizeAt(entries, table, 0),
    d_model: sizeAt(entries, table, 1),
    d_kv: sizeAt(entries, `${ATTENTION}.q.weight`, 0) / heads,
    d_ff: sizeAt(entries, `encoder.block.0.layer.1.DenseReluDense.${feedForward}.weight`, 0),
    num_layers: countOf(entries, 'encoder.block.*.'),
    num_heads: heads,
    relative_attention_num_buckets: sizeAt(entries, `${ATTENTION}.relative_attention_bias.weight`, 0),
    feed_forward_proj: isGated ? 'gated-gelu' : 'relu',
    is_encoder_decoder: false,
    tie_word_embeddings: false,
  };
}
