import { join } from 'node:path';
import { check } from '@lascaux/nn';
import { openSession, type SessionOptions } from '@lascaux/nn/onnx';
import { loadTokenizer } from '../clip/load-tokenizer.js';
import { clipTokenizer, type ClipTokenizer } from '../clip/tokenizer.js';
import { readOptionalJson, type JsonObject } from '../files/read.js';
import { textInputs, type TextSession } from './session.js';
import { textEncoder, type TextEncoder, type TextEncoderOptions } from './text-encoder.js';

/** Options of `loadTextEncoder`. */
export interface LoadTextEncoderOptions extends Pick<TextEncoderOptions, 'hiddenState' | 'cacheSize'> {
  /** Folder of the encoder inside the model: `text_encoder` (default), `text_encoder_2` … */
  readonly component?: string;
  /** Folder of its tokenizer inside the model. Default: the one numbered like `component`. */
  readonly tokenizer?: string;
  /** Device, threads and further options of the session. */
  readonly sessionOptions?: SessionOptions;
}

function wholeNumber(config: JsonObject | undefined, key: string): number | undefined {
  const value = config?.[key];
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

function checkVocabulary({ vocabSize }: ClipTokenizer, config: JsonObject | undefined, directory: string): void {
  const embedded = wholeNumber(config, 'vocab_size') ?? vocabSize;
  const rule = `embeds ${embedded} tokens, so its tokenizer cannot have more`;
  check(vocabSize <= embedded, { operation: directory, rule, value: vocabSize });
}

/** The tokenizer, made to the length of a graph whose sequences have a fixed one. */
function fitLength(tokenizer: ClipTokenizer, session: TextSession): ClipTokenizer {
  const { length = tokenizer.maxLength } = textInputs(session);
  return length === tokenizer.maxLength ? tokenizer : clipTokenizer({ ...tokenizer, maxLength: length });
}

/**
 * Opens a text encoder of a model folder in the Stable Diffusion layout: `text_encoder/model.onnx`, with its
 * `config.json` where there is one, and `tokenizer/`.
 *
 * Sequences have the length that the graph fixes; else they are as long as `model_max_length` of the tokenizer and
 * `max_position_embeddings` of the encoder allow.
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
    const tokenizer = await loadTokenizer(join(modelDir, tokenizerFolder), { longest });
    checkVocabulary(tokenizer, config, directory);
    const attendPadding = config?.use_attention_mask !== true;
    const session = await opening;
    return textEncoder({ session, tokenizer: fitLength(tokenizer, session), hiddenState, attendPadding, cacheSize });
  } catch (error) {
    await opening.then(
      (session) => session.release(),
      () => undefined,
    );
    throw error;
  }
}
