import { check } from '@lascaux/nn';
import { Tensor } from 'onnxruntime-common';
import type { TextEmbedding, TextEncoder } from '../run/text-encoder.js';
import type { TextTokenizer } from '../text-tokenizer.js';
import { promptChunks, promptSequence, type PromptChunk } from './chunks.js';
import { emphasise } from './emphasis.js';
import { parsePromptSections, type WeightedText } from './weights.js';

/** How a prompt is read: `a1111` knows weights in brackets and BREAK, `plain` takes every character as it is. */
export type PromptSyntax = 'a1111' | 'plain';

/** A prompt as sequences of tokens, ready to be embedded. */
export interface PromptTokens {
  readonly chunks: readonly PromptChunk[];
  /** How many tokens were left out. */
  readonly truncated: number;
}

/** Options of `promptTokens`. */
export interface PromptTokensOptions {
  /** Default `a1111`. */
  readonly syntax?: PromptSyntax;
  /** Whether a long prompt may become several sequences; otherwise, and in plain syntax, what does not fit is left out. Default true. */
  readonly long?: boolean;
  /** Sequences to fill up to, so that prompt and negative prompt become equally long. */
  readonly chunkCount?: number;
}

/** Reads a prompt into sequences of tokens with their weights. */
export function promptTokens(
  tokenizer: TextTokenizer,
  prompt: string,
  { syntax = 'a1111', long = true, chunkCount }: PromptTokensOptions = {},
): PromptTokens {
  const sections: WeightedText[][] = syntax === 'plain' ? [[{ text: prompt, weight: 1 }]] : parsePromptSections(prompt);
  if (long && syntax !== 'plain') return { chunks: promptChunks(tokenizer, sections, { chunkCount }), truncated: 0 };
  const { truncated, ...sequence } = promptSequence(tokenizer, sections);
  return { chunks: [sequence], truncated };
}

/** A prompt's embedding. */
export interface PromptEmbedding {
  /** [1, chunks · S, D], float32: the states of all sequences, weighted. */
  readonly states: Tensor;
  /** [1, P]: the pooled state of the first sequence, which weights do not touch; undefined where the graph has none. */
  readonly pooled?: Tensor;
}

/** Options of `embedPrompt`. */
export interface EmbedPromptOptions {
  /** Which entry of `hidden_states.*` to take, from the end when negative; default: the last hidden state. */
  readonly hiddenState?: number;
  /** Changes the states before weights apply, such as by the final norm: [S, D] of each sequence, in order. */
  readonly normalize?: (states: Float32Array) => Float32Array;
}

/**
 * Embeds a prompt's sequences one by one and joins them along the tokens. A prompt of one sequence without weights gets
 * exactly the encoder's own numbers.
 * @throws {LascauxError} as `TextEncoder.encodeIds`; (usage) when a weight takes the states beyond float32
 */
export async function embedPrompt(
  encoder: Pick<TextEncoder, 'encodeIds'>,
  { chunks }: PromptTokens,
  { hiddenState, normalize = (states) => states }: EmbedPromptOptions = {},
): Promise<PromptEmbedding> {
  const sequences = chunks.map(({ ids }) => ids);
  const embedding = await encoder.encodeIds(sequences, { hiddenState });
  const { pooled } = embedding;
  const states = statesOf(embedding, hiddenState);
  const [, length = 0, width = 0] = states.dims;
  const values = normalize(states.data as Float32Array);
  const joined = new Float32Array(values.length);
  chunks.forEach(({ weights }, index) => {
    const [begin, end] = [index * length * width, (index + 1) * length * width];
    joined.set(weighted(values.subarray(begin, end), weights), begin);
  });
  return {
    states: new Tensor('float32', joined, [1, chunks.length * length, width]),
    ...(pooled === undefined ? {} : { pooled: firstRow(pooled) }),
  };
}

function weighted(states: Float32Array, weights: readonly number[]): Float32Array {
  const result = emphasise(states, weights);
  check(result === states || result.every(Number.isFinite) || !states.every(Number.isFinite), () => ({
    operation: 'prompt',
    rule: 'a weight is too large: it takes the embedding beyond the range of float32',
    value: weights.reduce((largest, weight) => (Math.abs(weight) > Math.abs(largest) ? weight : largest)),
    kind: 'usage',
  }));
  return result;
}

const statesOf = (
  { lastHiddenState, hiddenState }: Pick<TextEmbedding, 'lastHiddenState' | 'hiddenState'>,
  asked?: number,
) => (asked === undefined ? lastHiddenState : hiddenState!);

const firstRow = ({ data, dims }: Tensor): Tensor => {
  const [, ...rest] = dims;
  const size = rest.reduce((product, dim) => product * dim, 1);
  return new Tensor('float32', (data as Float32Array).slice(0, size), [1, ...rest]);
};
