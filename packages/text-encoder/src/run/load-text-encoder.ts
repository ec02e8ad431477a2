import { join } from 'node:path';
import { check } from '@lascaux/nn';
import { openSession, type SessionOptions } from '@lascaux/nn/session';
import { loadTokenizer } from '../clip/load-tokenizer.js';
import { readOptionalJson, type JsonObject } from '../files/read.js';
import { loadT5Tokenizer } from '../t5/load-t5-tokenizer.js';
import { withLength, type TextTokenizer } from '../text-tokenizer.js';
import { textInputs } from './session.js';
import { textEncoder, type TextEncoder, type TextEncoderOptions } from './text-encoder.js';

/** Options of `loadTextEncoder`. */
export interface LoadTextEncoderOptions extends Pick<TextEncoderOptions, 'hiddenState' | 'cacheSize'> {
  /** Folder of the encoder inside the model: `text_encoder` (default), `text_encoder_2` … */
  readonly component?: string;
  /** Folder of its tokenizer inside the model. Default: the one numbered like `component`. */
  readonly tokenizer?: string;
  /** Length of the sequences where the graph leaves it open, such as T5's; see `loadTextEncoder` for the default. */
  readonly maxLength?: number;
  /** Device, threads and further options of the session. */
  readonly sessionOptions?: SessionOptions;
}

function wholeNumber(config: JsonObject | undefined, key: string): number | undefined {
  const value = config?.[key];
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

function checkVocabulary({ vocabSize }: TextTokenizer, config: JsonObject | undefined, directory: string): void {
  const embedded = wholeNumber(config, 'vocab_size') ?? vocabSize;
  const rule = `embeds ${embedded} tokens, so its tokenizer cannot have more`;
  check(vocabSize <= embedded, { operation: directory, rule, value: vocabSize });
}

/** The tokenizer in a folder, of the class that its config names; CLIP's where it names none. */
async function loadAnyTokenizer(directory: string, longest?: number): Promise<TextTokenizer> {
  const config = await readOptionalJson(join(directory, 'tokenizer_config.json'));
  const isT5 = typeof config?.tokenizer_class === 'string' && config.tokenizer_class.startsWith('T5');
  return isT5 ? loadT5Tokenizer(directory) : loadTokenizer(directory, { longest });
}

/**
 * Opens a text encoder of a model folder in the Stable Diffusion layout: `text_encoder/model.onnx`, with its
 * `config.json` where there is one, and `tokenizer/`.
 *
 * The tokenizer is CLIP's, or T5's where `tokenizer_config.json` says so. Sequences have the length that the graph
 * fixes, else `maxLength`, else what `model_max_length` of the tokenizer and `max_position_embeddings` of the encoder
 * allow (T5: 512).
 * @throws {LascauxError} naming the file or folder that is missing or malformed
 */
export async function loadTextEncoder(modelDir: string, options: LoadTextEncoderOptions = {}): Promise<TextEncoder> {
  const { component = 'text_encoder', sessionOptions, hiddenState, cacheSize } = options;
  const { tokenizer: tokenizerFolder = component.replace('text_encoder', 'tokenizer') } = options;
  const directory = join(modelDir, component);
  const config = await readOptionalJson(join(directory, 'config.json'));
  const opening = openSession(join(directory, 'model.onnx'), sessionOptions);
  opening.catch(() => undefined); // it is awaited below; the tokenizer may fail first
  try {
    const longest = wholeNumber(config, 'max_position_embeddings');
    const tokenizer = await loadAnyTokenizer(join(modelDir, tokenizerFolder), longest);
    checkVocabulary(tokenizer, config, directory);
    const attendPadding = config?.use_attention_mask !== true;
    const session = await opening;
    const length = textInputs(session).length ?? options.maxLength ?? tokenizer.maxLength;
    return textEncoder({ session, tokenizer: withLength(tokenizer, length), hiddenState, attendPadding, cacheSize });
  } catch (error) {
    await opening.then(
      (session) => session.release(),
      () => undefined,
    );
    throw error;
  }
}
