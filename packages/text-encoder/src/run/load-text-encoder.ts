import { join } from 'node:path';
import { openSession, type SessionOptions } from '@lascaux/nn/session';
import { filesOn } from '../files/read.js';
import { loadT5Tokenizer } from '../t5/load-t5-tokenizer.js';
import type { TextEncoder, TextEncoderOptions } from './text-encoder.js';
import { textEncoderFromFiles } from './text-encoder-from-files.js';

/** Options of `loadTextEncoder`. */
export interface LoadTextEncoderOptions extends Pick<
  TextEncoderOptions,
  'hiddenState' | 'cacheSize' | 'attendPadding'
> {
  /** Folder of the encoder inside the model: `text_encoder` (default), `text_encoder_2` … */
  readonly component?: string;
  /** Folder of its tokenizer inside the model. Default: the one numbered like `component`. */
  readonly tokenizer?: string;
  /** Length of the sequences where the graph leaves it open, such as T5's; see `loadTextEncoder` for the default. */
  readonly maxLength?: number;
  /** Device, threads and further options of the session. */
  readonly sessionOptions?: SessionOptions;
}

/**
 * Opens a text encoder of a model folder in the Stable Diffusion layout: `text_encoder/model.onnx`, with its
 * `config.json` where there is one, and `tokenizer/`; see {@link textEncoderFromFiles}.
 * @throws {LascauxError} naming the file or folder that is missing or malformed
 */
export function loadTextEncoder(modelDir: string, options: LoadTextEncoderOptions = {}): Promise<TextEncoder> {
  const { component = 'text_encoder', sessionOptions, hiddenState, cacheSize, maxLength, attendPadding } = options;
  const { tokenizer = component.replace('text_encoder', 'tokenizer') } = options;
  const directory = join(modelDir, component);
  return textEncoderFromFiles({
    files: filesOn(directory),
    tokenizer: filesOn(join(modelDir, tokenizer)),
    openSession: () => openSession(join(directory, 'model.onnx'), sessionOptions),
    t5Tokenizer: ({ folder }) => loadT5Tokenizer(folder),
    ...{ hiddenState, cacheSize, maxLength, attendPadding },
  });
}
