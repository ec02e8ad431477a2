import { check } from '@lascaux/nn';

/** One text as a fixed-length sequence. */
export interface TokenSequence {
  /** `maxLength` ids: the text's tokens between those that frame them, then padding. The end token is always there. */
  readonly ids: number[];
  /** How many of the text's tokens did not fit. */
  readonly truncated: number;
}

/** What a text encoder needs of a tokenizer, CLIP's or T5's. */
export interface TextTokenizer {
  /** Length of every encoded sequence. */
  readonly maxLength: number;
  /** The token before the text, where there is one. */
  readonly startId?: number;
  readonly endId: number;
  readonly padId: number;
  /** One more than the highest id: the number of rows of the embedding. */
  readonly vocabSize: number;
  /** The ids of a text, of any length, without the tokens that frame a sequence. */
  readonly tokenize: (text: string) => number[];
  /** The text of some ids, for people; not every tokenizer can say. */
  readonly decode?: (ids: Iterable<number | bigint>) => string;
  /** The sequence the text encoder takes. A text that is too long loses tokens, never its end token. */
  readonly encode: (text: string) => TokenSequence;
}

/** Start, end and pad tokens of a sequence. */
export type SequenceFrame = Pick<TextTokenizer, 'maxLength' | 'startId' | 'endId' | 'padId'>;

/** How many of a text's tokens fit into a frame. */
export function roomFor({ maxLength, startId }: SequenceFrame): number {
  return maxLength - (startId === undefined ? 1 : 2);
}

/** Frames tokens: start, as many tokens as fit, end, padding. */
export function frame(tokens: readonly number[], sequence: SequenceFrame): TokenSequence {
  const { maxLength, startId, endId, padId } = sequence;
  const kept = tokens.slice(0, roomFor(sequence));
  const ids = [...(startId === undefined ? [] : [startId]), ...kept, endId];
  while (ids.length < maxLength) ids.push(padId);
  return { ids, truncated: tokens.length - kept.length };
}

/** Which positions of a sequence count: 1 up to its end token, 0 for padding; 1 everywhere where no end token stands. */
export function attentionMask(ids: readonly number[], { endId }: Pick<TextTokenizer, 'endId'>): number[] {
  const end = ids.indexOf(endId);
  return ids.map((_, position) => (end < 0 || position <= end ? 1 : 0));
}

/**
 * The same tokenizer, making sequences of another length.
 * @throws {LascauxError} when the length has no room for the tokens that frame a sequence
 */
export function withLength(tokenizer: TextTokenizer, maxLength: number): TextTokenizer {
  const isLength = Number.isInteger(maxLength) && maxLength >= 2;
  check(isLength, { operation: 'tokenizer', rule: 'maxLength must be a whole number of at least 2', value: maxLength });
  const sequence = { ...tokenizer, maxLength };
  return { ...sequence, encode: (text) => frame(tokenizer.tokenize(text), sequence) };
}
