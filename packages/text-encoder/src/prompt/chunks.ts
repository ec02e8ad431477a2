import { frame, roomFor, type TextTokenizer } from '../text-tokenizer.js';
import type { WeightedText } from './weights.js';

/** One sequence of a long prompt, with the weight of every token. */
export interface PromptChunk {
  /** `tokenizer.maxLength` ids: start, tokens, end, padding. */
  readonly ids: readonly number[];
  /** One weight per id; 1 for start, end and padding. */
  readonly weights: readonly number[];
}

/**
 * Cuts a prompt of any length into sequences that fit the encoder; their embeddings are joined along the tokens
 * (AUTOMATIC1111's web UI calls this infinite prompt length). An empty prompt is one chunk without tokens.
 *
 * Give `chunkCount` to fill up with empty chunks, so that prompt and negative prompt become equally long.
 */
export function promptChunks(
  tokenizer: TextTokenizer,
  pieces: readonly WeightedText[],
  { chunkCount = 1 }: { readonly chunkCount?: number } = {},
): PromptChunk[] {
  const room = roomFor(tokenizer);
  const framing = tokenizer.startId === undefined ? [] : [1];
  const tokens = pieces.flatMap(({ text, weight }) => tokenizer.tokenize(text).map((id) => ({ id, weight })));
  const count = Math.max(chunkCount, Math.ceil(tokens.length / room));
  return Array.from({ length: count }, (_, index) => {
    const kept = tokens.slice(index * room, (index + 1) * room);
    const ids = kept.map(({ id }) => id);
    const weights = [...framing, ...kept.map(({ weight }) => weight)];
    while (weights.length < tokenizer.maxLength) weights.push(1);
    return { ids: frame(ids, tokenizer).ids, weights };
  });
}
