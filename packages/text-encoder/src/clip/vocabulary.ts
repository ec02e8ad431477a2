import { BYTE_SYMBOLS, END_OF_TEXT, END_OF_WORD, START_OF_TEXT } from './byte-alphabet.js';

/** Two neighbouring symbols that byte-pair encoding joins. */
export type Merge = readonly [left: string, right: string];

/** A byte-pair vocabulary: what `vocab.json` and `merges.txt` hold. */
export interface ClipVocabulary {
  /** Token → id. */
  readonly vocab: ReadonlyMap<string, number>;
  /** Merges, most urgent first. */
  readonly merges: readonly Merge[];
}

/** One more than the highest id: the number of rows of the embedding. */
export function sizeOfVocabulary({ vocab }: ClipVocabulary): number {
  let size = 0;
  for (const id of vocab.values()) size = Math.max(size, id + 1);
  return size;
}

/** The 512 symbols every CLIP vocabulary begins with: 256 bytes, then the same bytes at the end of a word. */
export function baseTokens(): string[] {
  return [...BYTE_SYMBOLS, ...BYTE_SYMBOLS.map((symbol) => symbol + END_OF_WORD)];
}

/**
 * Lays a vocabulary out in CLIP's order: bytes, bytes at the end of a word, merged tokens, start, end.
 * The end token has the highest id, so the position of the largest id in a sequence is the position of its end.
 */
export function vocabularyOf(merges: readonly Merge[]): ClipVocabulary {
  const tokens = new Set(baseTokens());
  for (const [left, right] of merges) tokens.add(left + right);
  tokens.add(START_OF_TEXT).add(END_OF_TEXT);
  return { vocab: new Map([...tokens].map((token, id) => [token, id])), merges };
}
