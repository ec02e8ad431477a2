import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@lascaux/nn';
import { END_OF_TEXT, START_OF_TEXT } from './byte-alphabet.js';
import { clipTokenizer, type ClipTokenizer, type ClipTokenizerOptions } from './tokenizer.js';
import { tokenOf, tokenizerJson } from './tokenizer-json.js';

function specialTokens(tokenizer: ClipTokenizer) {
  return {
    bos_token: START_OF_TEXT,
    eos_token: END_OF_TEXT,
    unk_token: END_OF_TEXT,
    pad_token: tokenOf(tokenizer, tokenizer.padId),
  };
}

function tokenizerConfig(tokenizer: ClipTokenizer) {
  return {
    tokenizer_class: 'CLIPTokenizer',
    model_max_length: tokenizer.maxLength,
    ...specialTokens(tokenizer),
    add_prefix_space: false,
    clean_up_tokenization_spaces: true,
    do_lower_case: true,
    errors: 'replace',
  };
}

function mergesText({ merges }: ClipTokenizer): string {
  return ['#version: 0.2', ...merges.map((merge) => merge.join(' ')), ''].join('\n');
}

/**
 * Writes a tokenizer as transformers does: `vocab.json`, `merges.txt`, `tokenizer.json`, `tokenizer_config.json` and
 * `special_tokens_map.json`, so that CLIPTokenizer, CLIPTokenizerFast and transformers.js load the folder.
 * The folder is made when it is missing; each file appears whole or not at all.
 */
export async function saveTokenizer(directory: string, options: ClipTokenizerOptions): Promise<void> {
  const tokenizer = clipTokenizer(options);
  const files = {
    'vocab.json': JSON.stringify(Object.fromEntries(tokenizer.vocab)),
    'merges.txt': mergesText(tokenizer),
    'tokenizer.json': JSON.stringify(tokenizerJson(tokenizer)),
    'tokenizer_config.json': `${JSON.stringify(tokenizerConfig(tokenizer), null, 2)}\n`,
    'special_tokens_map.json': `${JSON.stringify(specialTokens(tokenizer), null, 2)}\n`,
  };
  await mkdir(directory, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await writeFileAtomically(join(directory, name), text);
  }
}
