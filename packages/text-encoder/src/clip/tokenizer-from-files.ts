import { LascauxError, check, jsonText, limits, pathIn } from '@lascaux/nn';
import { fileJson, fileText, isObject, type JsonObject, type TextFiles } from '../files/text-files.js';
import { clipTokenizer, type ClipTokenizer, type ClipTokenizerOptions } from './tokenizer.js';
import type { ClipVocabulary, Merge } from './vocabulary.js';

/** What may be set by the caller instead of the folder's files. */
export interface LoadTokenizerOptions extends Partial<Pick<ClipTokenizerOptions, 'maxLength' | 'padId'>> {
  /** Upper limit of the length that the files name, such as the number of positions of the encoder. */
  readonly longest?: number;
}

const CLIP_LENGTH = 77;
// Some exports write 8192 or 1e30 for "no limit"; no CLIP has that many positions.
const LONGEST_PLAUSIBLE = 1024;

function checkCount(count: number, path: string): void {
  check(count <= limits.tokens, { operation: path, rule: `may hold ${limits.tokens} entries`, value: count });
}

function vocabOf(value: unknown, path: string): Map<string, number> {
  check(isObject(value), { operation: path, rule: 'must map tokens to ids', value });
  const vocab = new Map<string, number>();
  const tokens = Object.entries(value);
  checkCount(tokens.length, path);
  for (const [token, id] of tokens) {
    const isId = typeof id === 'number' && Number.isSafeInteger(id) && id >= 0;
    // The words are made only where they are needed: there are many tokens.
    check(isId, () => ({ operation: path, rule: `the id of "${token}" must be a whole number`, value: jsonText(id) }));
    vocab.set(token, id);
  }
  return vocab;
}

function mergeOf(entry: unknown, path: string): Merge {
  const parts: unknown = typeof entry === 'string' ? entry.split(' ') : entry;
  const [left, right, ...more] = Array.isArray(parts) ? (parts as readonly unknown[]) : [];
  if (typeof left === 'string' && typeof right === 'string' && left !== '' && right !== '' && more.length === 0) {
    return [left, right];
  }
  throw new LascauxError({ operation: path, rule: 'a merge must be two symbols', value: jsonText(entry) });
}

function mergesOf(text: string, path: string): Merge[] {
  const lines = text.split(/\r?\n/);
  if (lines[0]?.startsWith('#version')) lines.shift();
  checkCount(lines.length, path);
  return lines.filter((line) => line !== '').map((line) => mergeOf(line, path));
}

/** `vocab.json` and `merges.txt`, or the same two inside `tokenizer.json`. */
async function readVocabulary(files: TextFiles): Promise<ClipVocabulary> {
  const paths = { vocab: pathIn(files.folder, 'vocab.json'), merges: pathIn(files.folder, 'merges.txt') };
  const [vocab, text] = await Promise.all([fileJson(files, 'vocab.json'), fileText(files, 'merges.txt')]);
  if (vocab !== undefined && text !== undefined) {
    return { vocab: vocabOf(vocab, paths.vocab), merges: mergesOf(text, paths.merges) };
  }
  const path = pathIn(files.folder, 'tokenizer.json');
  const model = (await fileJson(files, 'tokenizer.json'))?.model;
  const merges: unknown = isObject(model) && model.type === 'BPE' ? model.merges : undefined;
  if (!isObject(model) || !Array.isArray(merges)) {
    throw new LascauxError({
      operation: files.folder,
      rule: 'holds no CLIP tokenizer',
      accepted: 'vocab.json and merges.txt, or a tokenizer.json of type BPE',
      kind: 'usage',
    });
  }
  checkCount(merges.length, path);
  return { vocab: vocabOf(model.vocab, path), merges: merges.map((entry) => mergeOf(entry, path)) };
}

function tokenName(value: unknown): string | undefined {
  const name = isObject(value) ? value.content : value;
  return typeof name === 'string' ? name : undefined;
}

function padIdOf(vocab: ReadonlyMap<string, number>, files: readonly (JsonObject | undefined)[]): number | undefined {
  const name = files.map((file) => tokenName(file?.pad_token)).find((token) => token !== undefined);
  if (name === undefined) return undefined;
  const id = vocab.get(name);
  check(id !== undefined, { operation: 'loadTokenizer', rule: 'pad_token must be in the vocabulary', value: name });
  return id;
}

function lengthOf(value: unknown): number {
  return typeof value === 'number' && value <= LONGEST_PLAUSIBLE ? value : CLIP_LENGTH;
}

/**
 * A CLIP tokenizer of a folder's files: `vocab.json` and `merges.txt` suffice, a fast tokenizer's `tokenizer.json` too.
 *
 * `special_tokens_map.json`, then `tokenizer_config.json` say how to pad (otherwise: with the end token), and
 * `model_max_length` how long sequences are (77 when absent or above 1024).
 * @throws {LascauxError} naming the file when something is missing or malformed
 */
export async function tokenizerFromFiles(files: TextFiles, options: LoadTokenizerOptions = {}): Promise<ClipTokenizer> {
  const [vocabulary, config, specials] = await Promise.all([
    readVocabulary(files),
    fileJson(files, 'tokenizer_config.json'),
    fileJson(files, 'special_tokens_map.json'),
  ]);
  return clipTokenizer({
    ...vocabulary,
    maxLength: options.maxLength ?? Math.min(lengthOf(config?.model_max_length), options.longest ?? Infinity),
    padId: options.padId ?? padIdOf(vocabulary.vocab, [specials, config]),
  });
}
