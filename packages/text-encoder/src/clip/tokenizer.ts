import { check } from '@lascaux/nn';
import { frame, type TextTokenizer, type TokenSequence } from '../text-tokenizer.js';
import { BYTE_OF_SYMBOL, BYTE_SYMBOLS, END_OF_TEXT, END_OF_WORD, START_OF_TEXT, byteIds } from './byte-alphabet.js';
import { mergePairs } from './merge-pairs.js';
import { sizeOfVocabulary, type ClipVocabulary, type Merge } from './vocabulary.js';
import { wordSplitter } from './words.js';

/** What `clipTokenizer` needs: a vocabulary and the shape of the sequences to make. */
export interface ClipTokenizerOptions extends ClipVocabulary {
  /** Length of every encoded sequence, start and end tokens included. Default 77. */
  readonly maxLength?: number;
  /** Id that fills a sequence after its end token. Default: the end token's. */
  readonly padId?: number;
}

/** CLIP's byte-level byte-pair tokenizer. */
export interface ClipTokenizer extends TextTokenizer {
  readonly vocab: ReadonlyMap<string, number>;
  readonly merges: readonly Merge[];
  readonly startId: number;
  /** The cleaned text of a sequence up to its end token, without start and padding. @throws {LascauxError} on an unknown id */
  readonly decode: (ids: Iterable<number | bigint>) => string;
}

const CACHED_WORDS = 20_000;
const LONGEST_CACHED_WORD = 64;

function idOfSpecial(vocab: ReadonlyMap<string, number>, token: string): number {
  const id = vocab.get(token);
  check(id !== undefined, { operation: 'clipTokenizer', rule: `vocab must hold the token ${token}` });
  return id;
}

function checkLengthAndPad(maxLength: number, padId: number, tokens: ReadonlyMap<number, string>): void {
  const operation = 'clipTokenizer';
  const isLength = Number.isInteger(maxLength) && maxLength >= 2;
  check(isLength, { operation, rule: 'maxLength must be a whole number of at least 2', value: maxLength });
  check(tokens.has(padId), { operation, rule: 'padId must be an id of vocab', value: padId });
}

function wordTokenizer({ vocab, merges }: ClipVocabulary, unknownId: number): (word: string) => readonly number[] {
  const merge = mergePairs({ vocab, merges });
  const inner = BYTE_SYMBOLS.map((symbol) => vocab.get(symbol) ?? unknownId);
  const final = BYTE_SYMBOLS.map((symbol) => vocab.get(symbol + END_OF_WORD) ?? unknownId);
  const cache = new Map<string, readonly number[]>();

  return (word) => {
    const known = cache.get(word);
    if (known !== undefined) return known;
    const bytes = byteIds(word);
    const symbols = bytes.map((id, index) => (index === bytes.length - 1 ? final : inner)[id] as number);
    const ids = merge(symbols);
    if (cache.size >= CACHED_WORDS) cache.clear();
    if (word.length <= LONGEST_CACHED_WORD) cache.set(word, ids);
    return ids;
  };
}

/** The text of ordinary tokens: symbols back to bytes, the end-of-word marks back to spaces. */
function textOf(tokens: readonly string[]): string {
  const bytes = [...tokens.join('').replaceAll(END_OF_WORD, ' ')].map((symbol) => BYTE_OF_SYMBOL.get(symbol) ?? 32);
  const spaced = new TextDecoder().decode(Uint8Array.from(bytes)).trim();
  // transformers' clean_up_tokenization_spaces
  return spaced
    .replace(/ ([.?!,])/g, '$1')
    .replaceAll(" ' ", "'")
    .replace(/ (n't|'m|'s|'ve|'re)/g, '$1');
}

/**
 * Makes a tokenizer from a vocabulary in CLIP's format (Radford et al. 2021, section 2.4).
 *
 * Agrees with CLIPTokenizerFast of transformers; unlike it, truncation keeps the end token last.
 * Why: docs/decisions/0015.
 * @throws {LascauxError} when the special tokens are missing, a merge names an unknown token, `maxLength` is below 2 or
 * `padId` is not in the vocabulary
 */
export function clipTokenizer(options: ClipTokenizerOptions): ClipTokenizer {
  const { vocab, merges, maxLength = 77 } = options;
  const startId = idOfSpecial(vocab, START_OF_TEXT);
  const endId = idOfSpecial(vocab, END_OF_TEXT);
  const padId = options.padId ?? endId;
  const tokens = new Map([...vocab].map(([token, id]) => [id, token]));
  checkLengthAndPad(maxLength, padId, tokens);
  const tokenizeWord = wordTokenizer({ vocab, merges }, endId);
  // A pad token of its own, such as the "!" of Stable Diffusion 2, is special in a text too, as in transformers.
  const specials = new Map([startId, endId, padId].map((id) => [tokens.get(id) as string, [id]]));
  const splitWords = wordSplitter([...specials.keys()]);

  function tokenize(text: string): number[] {
    return splitWords(text).flatMap((word) => specials.get(word) ?? tokenizeWord(word));
  }

  function encode(text: string): TokenSequence {
    return frame(tokenize(text), { maxLength, startId, endId, padId });
  }

  function decode(ids: Iterable<number | bigint>): string {
    const ordinary: string[] = [];
    for (const id of ids) {
      const token = tokens.get(Number(id));
      check(token !== undefined, { operation: 'decode', rule: 'every id must be in the vocabulary', value: id });
      if (Number(id) === endId) break;
      if (Number(id) !== startId) ordinary.push(token);
    }
    return textOf(ordinary);
  }

  return {
    vocab,
    merges,
    maxLength,
    startId,
    endId,
    padId,
    vocabSize: sizeOfVocabulary({ vocab, merges }),
    tokenize,
    encode,
    decode,
  };
}
