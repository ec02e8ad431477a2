import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clipTokenizer, type ClipTokenizer, type ClipTokenizerOptions } from './tokenizer.js';
import type { ClipVocabulary, Merge } from './vocabulary.js';

/** What may be set by the caller instead of the folder's files. */
export type LoadTokenizerOptions = Partial<Pick<ClipTokenizerOptions, 'maxLength' | 'padId'>>;

const CLIP_LENGTH = 77;
// Some exports write 8192 or 1e30 for "no limit"; no CLIP has that many positions.
const LONGEST_PLAUSIBLE = 1024;

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`loadTokenizer: ${path} must be readable, got ${(cause as Error).message}`, { cause });
  }
}

async function readJson(path: string): Promise<JsonObject | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`loadTokenizer: ${path} must be valid JSON, got ${(cause as Error).message}`, { cause });
  }
  if (!isObject(value)) throw new Error(`loadTokenizer: ${path} must hold a JSON object, got ${text.slice(0, 40)}`);
  return value;
}

function vocabOf(value: unknown, path: string): Map<string, number> {
  if (!isObject(value)) throw new Error(`loadTokenizer: ${path} must map tokens to ids, got ${typeof value}`);
  const vocab = new Map<string, number>();
  for (const [token, id] of Object.entries(value)) {
    if (!Number.isSafeInteger(id) || (id as number) < 0) {
      throw new Error(`loadTokenizer: ids in ${path} must be whole numbers, got "${token}": ${JSON.stringify(id)}`);
    }
    vocab.set(token, id as number);
  }
  return vocab;
}

function mergeOf(entry: unknown, path: string): Merge {
  const parts: unknown = typeof entry === 'string' ? entry.split(' ') : entry;
  const isPair =
    Array.isArray(parts) && parts.length === 2 && parts.every((part) => typeof part === 'string' && part !== '');
  if (!isPair) {
    throw new Error(`loadTokenizer: every merge in ${path} must be two symbols, got ${JSON.stringify(entry)}`);
  }
  return parts as unknown as Merge;
}

function mergesOf(text: string, path: string): Merge[] {
  const lines = text.split(/\r?\n/);
  if (lines[0]?.startsWith('#version')) lines.shift();
  return lines.filter((line) => line !== '').map((line) => mergeOf(line, path));
}

/** `vocab.json` and `merges.txt`, or the same two inside `tokenizer.json`. */
async function readVocabulary(directory: string): Promise<ClipVocabulary> {
  const paths = { vocab: join(directory, 'vocab.json'), merges: join(directory, 'merges.txt') };
  const [vocab, merges] = await Promise.all([readJson(paths.vocab), readText(paths.merges)]);
  if (vocab !== undefined && merges !== undefined) {
    return { vocab: vocabOf(vocab, paths.vocab), merges: mergesOf(merges, paths.merges) };
  }
  const path = join(directory, 'tokenizer.json');
  const model = (await readJson(path))?.['model'];
  if (!isObject(model) || model['type'] !== 'BPE' || !Array.isArray(model['merges'])) {
    throw new Error(
      `loadTokenizer: ${directory} must hold vocab.json and merges.txt, or a tokenizer.json of type BPE, got neither`,
    );
  }
  return { vocab: vocabOf(model['vocab'], path), merges: model['merges'].map((entry) => mergeOf(entry, path)) };
}

function tokenName(value: unknown): string | undefined {
  const name = isObject(value) ? value['content'] : value;
  return typeof name === 'string' ? name : undefined;
}

function padIdOf(vocab: ReadonlyMap<string, number>, files: readonly (JsonObject | undefined)[]): number | undefined {
  const name = files.map((file) => tokenName(file?.['pad_token'])).find((token) => token !== undefined);
  if (name === undefined) return undefined;
  const id = vocab.get(name);
  if (id === undefined) throw new Error(`loadTokenizer: pad_token must be in the vocabulary, got "${name}"`);
  return id;
}

function lengthOf(value: unknown): number {
  return typeof value === 'number' && value <= LONGEST_PLAUSIBLE ? value : CLIP_LENGTH;
}

/**
 * Loads a CLIP tokenizer from a folder: `vocab.json` and `merges.txt` suffice, a fast tokenizer's `tokenizer.json` too.
 *
 * `special_tokens_map.json`, then `tokenizer_config.json` say how to pad (otherwise: with the end token), and
 * `model_max_length` how long sequences are (77 when absent or above 1024).
 * Throws one line that names the file when something is missing or malformed.
 */
export async function loadTokenizer(directory: string, options: LoadTokenizerOptions = {}): Promise<ClipTokenizer> {
  const [vocabulary, config, specials] = await Promise.all([
    readVocabulary(directory),
    readJson(join(directory, 'tokenizer_config.json')),
    readJson(join(directory, 'special_tokens_map.json')),
  ]);
  return clipTokenizer({
    ...vocabulary,
    maxLength: options.maxLength ?? lengthOf(config?.['model_max_length']),
    padId: options.padId ?? padIdOf(vocabulary.vocab, [specials, config]),
  });
}
