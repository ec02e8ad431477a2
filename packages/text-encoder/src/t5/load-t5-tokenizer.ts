import { join, resolve } from 'node:path';
import { LascauxError, check } from '@lascaux/nn';
import { filesOn } from '../files/read.js';
import { fileJson } from '../files/text-files.js';
import { frame, type TextTokenizer } from '../text-tokenizer.js';

/** Options of `loadT5Tokenizer`. */
export interface LoadT5TokenizerOptions {
  /** Length of every sequence; Stable Diffusion 3 takes 256, Flux 512. Default 512, T5's own. */
  readonly maxLength?: number;
}

async function readWithTransformers(directory: string) {
  const [path, files] = [join(directory, 'tokenizer.json'), filesOn(directory)];
  const rule = 'is needed for a T5 tokenizer; spiece.model alone cannot be read';
  // Read here too, within bounds: the library takes whatever is there.
  check((await fileJson(files, 'tokenizer.json')) !== undefined, { operation: path, rule });
  await fileJson(files, 'tokenizer_config.json');
  // Loaded only here: it is large, and CLIP does without.
  const { AutoTokenizer } = await import('@huggingface/transformers');
  try {
    return await AutoTokenizer.from_pretrained(resolve(directory), { local_files_only: true });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({ operation: directory, rule: `holds no tokenizer that can be read: ${message}`, cause });
  }
}

/**
 * Loads a T5 tokenizer (SentencePiece unigrams; Raffel et al. 2020, section 3.1.1) from a folder with `tokenizer.json`
 * and `tokenizer_config.json`, through transformers.js. Truncation keeps the end token.
 * Why: docs/decisions/0017.
 * @throws {LascauxError} naming the folder or file when something is missing or malformed
 */
export async function loadT5Tokenizer(directory: string, options: LoadT5TokenizerOptions = {}): Promise<TextTokenizer> {
  const { maxLength = 512 } = options;
  const rule = 'maxLength must be a whole number of at least 1';
  check(Number.isInteger(maxLength) && maxLength >= 1, { operation: 'loadT5Tokenizer', rule, value: maxLength });
  const tokenizer = await readWithTransformers(directory);
  const { eos_token_id: endId, pad_token_id: padId } = tokenizer;
  if (endId === undefined || padId === undefined) {
    throw new LascauxError({ operation: directory, rule: 'must name eos_token and pad_token' });
  }
  const tokenize = (text: string): number[] => tokenizer.encode(text, { add_special_tokens: false });
  const vocabSize = 1 + [...tokenizer.get_vocab().values()].reduce((highest, id) => Math.max(highest, id), 0);
  const encode = (text: string) => frame(tokenize(text), { maxLength, endId, padId });
  return { maxLength, endId, padId, vocabSize, tokenize, encode };
}
