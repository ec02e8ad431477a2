import { frame, roomFor, type TextTokenizer } from '../text-tokenizer.js';
import type { WeightedText } from './weights.js';

/** One sequence of a long prompt, with the weight of every token. */
export interface PromptChunk {
  /** `tokenizer.maxLength` ids: start, tokens, end, padding. */
  readonly ids: readonly number[];
  /** One weight per id; 1 for start, end and padding. */
  readonly weights: readonly number[];
}

interface WeightedToken {
  readonly id: number;
  readonly weight: number;
}

/** How far back a cut looks for a comma to cut after (AUTOMATIC1111's `comma_padding_backtrack`, its default). */
const COMMA_BACKTRACK = 20;

/** Cuts at most `room` tokens at a time, after the last comma where one is near. */
function cutTokens(tokens: readonly WeightedToken[], room: number, comma: number | undefined): WeightedToken[][] {
  const parts: WeightedToken[][] = [];
  let rest = tokens;
  while (rest.length > room) {
    const lastComma = rest.slice(0, room).findLastIndex(({ id }) => id === comma);
    // A comma that would itself begin the next part stays with this one's words: the cut then is plain.
    const isNear = lastComma >= 0 && room - lastComma <= COMMA_BACKTRACK && rest[room]!.id !== comma;
    const end = isNear ? lastComma + 1 : room;
    parts.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...parts, [...rest]];
}

function framed(tokens: readonly WeightedToken[], tokenizer: TextTokenizer): PromptChunk {
  const weights = [...(tokenizer.startId === undefined ? [] : [1]), ...tokens.map(({ weight }) => weight)];
  while (weights.length < tokenizer.maxLength) weights.push(1);
  return {
    ids: frame(
      tokens.map(({ id }) => id),
      tokenizer,
    ).ids,
    weights,
  };
}

const weightedTokens = (tokenizer: TextTokenizer, pieces: readonly WeightedText[]): WeightedToken[] =>
  pieces.flatMap(({ text, weight }) => tokenizer.tokenize(text).map((id) => ({ id, weight })));

/**
 * Cuts a prompt of any length into sequences that fit the encoder, as AUTOMATIC1111's web UI does; their embeddings are
 * joined along the tokens. A section begins a sequence of its own; a cut falls after a comma where one stands in the last
 * twenty tokens. An empty prompt is one chunk without tokens.
 *
 * Give `chunkCount` to fill up with empty chunks, so that prompt and negative prompt become equally long.
 */
export function promptChunks(
  tokenizer: TextTokenizer,
  sections: readonly (readonly WeightedText[])[],
  { chunkCount = 1 }: { readonly chunkCount?: number } = {},
): PromptChunk[] {
  const [comma] = tokenizer.tokenize(',');
  const parts = sections.flatMap((pieces) => cutTokens(weightedTokens(tokenizer, pieces), roomFor(tokenizer), comma));
  while (parts.length < chunkCount) parts.push([]);
  return parts.map((tokens) => framed(tokens, tokenizer));
}

/** A prompt as the one sequence that an encoder without chunks takes, and how many tokens did not fit into it. */
export function promptSequence(
  tokenizer: TextTokenizer,
  sections: readonly (readonly WeightedText[])[],
): PromptChunk & { readonly truncated: number } {
  const tokens = weightedTokens(tokenizer, sections.flat());
  const kept = tokens.slice(0, roomFor(tokenizer));
  return { ...framed(kept, tokenizer), truncated: tokens.length - kept.length };
}
