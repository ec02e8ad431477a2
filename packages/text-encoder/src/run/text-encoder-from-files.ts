import { check } from '@lascaux/nn';
import { tokenizerFromFiles } from '../clip/tokenizer-from-files.js';
import { fileJson, type JsonObject, type TextFiles } from '../files/text-files.js';
import { withLength, type TextTokenizer } from '../text-tokenizer.js';
import { textInputs, type TextSession } from './session.js';
import { textEncoder, type TextEncoder, type TextEncoderOptions } from './text-encoder.js';

/** What a text encoder is made of. */
export interface TextEncoderFiles extends Pick<TextEncoderOptions, 'hiddenState' | 'cacheSize' | 'attendPadding'> {
  /** The encoder's own folder, with `config.json` where there is one. */
  readonly files: TextFiles;
  /** Its tokenizer's. */
  readonly tokenizer: TextFiles;
  /** Opens the encoder's graph. */
  readonly openSession: () => Promise<TextSession>;
  /** Makes a T5 tokenizer of its files. */
  readonly t5Tokenizer: (files: TextFiles) => Promise<TextTokenizer>;
  /** Length of the sequences where the graph leaves it open. */
  readonly maxLength?: number;
}

/**
 * Opens a text encoder from its files. The tokenizer is CLIP's, or T5's where `tokenizer_config.json` says so. Sequences have the length that the
 * graph fixes, else `maxLength`, else what `model_max_length` of the tokenizer and `max_position_embeddings` of the encoder allow (T5: 512).
 * Padding is seen unless `attendPadding` or else `use_attention_mask` of the encoder's config says otherwise.
 * @throws {LascauxError} naming the file or folder that is missing or malformed, or a graph that sees padding and must not
 */
export async function textEncoderFromFiles(options: TextEncoderFiles): Promise<TextEncoder> {
  const { files, openSession, hiddenState, cacheSize } = options;
  const config = await fileJson(files, 'config.json');
  const opening = openSession();
  opening.catch(() => undefined); // it is awaited below; the tokenizer may fail first
  try {
    const longest = wholeNumber(config, 'max_position_embeddings');
    const tokenizer = await anyTokenizer(options, longest);
    checkVocabulary(tokenizer, config, files.folder);
    const { attendPadding = config?.use_attention_mask !== true } = options;
    const session = await opening;
    const inputs = textInputs(session);
    check(inputs.masked || options.attendPadding !== false, {
      operation: files.folder,
      rule: 'must have the input attention_mask: this model does not read padding',
    });
    const length = inputs.length ?? options.maxLength ?? tokenizer.maxLength;
    return textEncoder({ session, tokenizer: withLength(tokenizer, length), hiddenState, attendPadding, cacheSize });
  } catch (error) {
    await opening.then(
      (session) => session.release(),
      () => undefined,
    );
    throw error;
  }
}

/** The tokenizer of the class that its config names; CLIP's where it names none. */
async function anyTokenizer({ tokenizer, t5Tokenizer }: TextEncoderFiles, longest?: number): Promise<TextTokenizer> {
  const config = await fileJson(tokenizer, 'tokenizer_config.json');
  const isT5 = typeof config?.tokenizer_class === 'string' && config.tokenizer_class.startsWith('T5');
  return isT5 ? t5Tokenizer(tokenizer) : tokenizerFromFiles(tokenizer, { longest });
}

function wholeNumber(config: JsonObject | undefined, key: string): number | undefined {
  const value = config?.[key];
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

function checkVocabulary({ vocabSize }: TextTokenizer, config: JsonObject | undefined, folder: string): void {
  const embedded = wholeNumber(config, 'vocab_size') ?? vocabSize;
  const rule = `embeds ${embedded} tokens, so its tokenizer cannot have more`;
  check(vocabSize <= embedded, { operation: folder, rule, value: vocabSize });
}
