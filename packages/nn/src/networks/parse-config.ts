import type { z } from 'zod';
import { LascauxError, jsonText } from '../errors.js';

/** Keys of config files that say nothing about the arithmetic: bookkeeping of transformers and switches of its Python classes. */
const bookkeeping: ReadonlySet<string> = new Set(
  [
    'architectures add_cross_attention bad_words_ids begin_suppress_tokens bos_token_id chunk_size_feed_forward',
    'cross_attention_hidden_size decoder_start_token_id diversity_penalty do_sample dtype early_stopping',
    'encoder_no_repeat_ngram_size exponential_decay_length_penalty finetuning_task forced_bos_token_id',
    'forced_eos_token_id gradient_checkpointing id2label initializer_factor initializer_range is_decoder',
    'is_encoder_decoder label2id length_penalty max_length min_length model_type no_repeat_ngram_size',
    'num_beam_groups num_beams num_return_sequences output_attentions output_hidden_states output_past',
    'output_scores pad_token_id prefix problem_type pruned_heads remove_invalid_values repetition_penalty',
    'return_dict return_dict_in_generate sep_token_id suppress_tokens task_specific_params temperature',
    'tf_legacy_loss tie_encoder_decoder tie_word_embeddings tokenizer_class top_k top_p torch_dtype torchscript',
    'transformers_version typical_p use_bfloat16 use_cache dropout attention_dropout dropout_rate',
    'classifier_dropout n_positions',
  ].flatMap((line) => line.split(' ')),
);

const isIrrelevant = (key: string): boolean => key.startsWith('_') || bookkeeping.has(key);

function complain(operation: string, issue: z.core.$ZodIssue, json: unknown): never {
  if (issue.code === 'unrecognized_keys') {
    throw new LascauxError({ operation, rule: 'unknown key', value: issue.keys.join(', '), kind: 'usage' });
  }
  const value = issue.path.reduce<unknown>(
    (at, key) => (at as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key],
    json,
  );
  const accepted = issue.code === 'invalid_value' ? issue.values.map(String) : undefined;
  const rule = `${issue.path.join('.') || 'config'}: ${accepted === undefined ? issue.message : 'not supported'}`;
  throw new LascauxError({
    operation,
    rule,
    value: typeof value === 'object' ? jsonText(value) : value,
    kind: 'usage',
    accepted,
  });
}

/**
 * Reads a config against a strict schema; keys that begin with `_` and known bookkeeping keys are left out first.
 * Why: docs/decisions/0041.
 * @param operation names the config in errors, e.g. `UNet2DConditionModel config`
 * @throws {LascauxError} naming the first key that is unknown or has a value that is not supported
 */
export function parseConfig<Schema extends z.ZodType>(
  operation: string,
  schema: Schema,
  json: unknown,
): z.output<Schema> {
  const kept =
    typeof json === 'object' && json !== null && !Array.isArray(json)
      ? Object.fromEntries(Object.entries(json).filter(([key]) => !isIrrelevant(key)))
      : json;
  const result = schema.safeParse(kept);
  const issue = result.error?.issues[0];
  return issue === undefined ? (result.data as z.output<Schema>) : complain(operation, issue, json);
}
