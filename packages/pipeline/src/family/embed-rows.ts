import type { TextComponent } from '@lascaux/models';
import { check } from '@lascaux/nn';
import {
  embedPrompt,
  finalNorm,
  promptTokens,
  type EmbedPromptOptions,
  type FinalNorm,
  type PromptEmbedding,
  type PromptTokens,
  type TextEncoder,
} from '@lascaux/text-encoder';
import { checkFinite } from '../network/check-finite.js';
import type { ConditioningCall } from './family.js';

/** A text encoder and which of its states is taken. */
export interface EncoderUse {
  readonly component: TextComponent;
  /** `last`: after the final norm; `inner`: before the last layer, without a norm (SDXL, SD3); `none`: only the pooled state. */
  readonly state: 'last' | 'inner' | 'none';
  /** Whether a long prompt becomes several sequences; T5 and pooled states take one. Default true. */
  readonly long?: boolean;
  /** Whether clip skip means this encoder; default true. */
  readonly skips?: boolean;
}

/** Embeddings by encoder, then by row. */
export interface EmbeddedRows {
  readonly embeddings: readonly (readonly PromptEmbedding[])[];
  /** The sequences that they are of, likewise. */
  readonly tokens: readonly (readonly PromptTokens[])[];
  /** Tokens of each row that did not fit into any encoder's sequences, the largest number of them. */
  readonly truncated: readonly number[];
}

/**
 * Embeds the prompts of a call with the encoders of a family. Long prompts become equally many sequences everywhere, where
 * the denoiser takes any number of tokens.
 * @throws LascauxError when a hidden state is asked for that a graph does not hand out, or values are not finite.
 */
export async function embedRows(call: ConditioningCall, uses: readonly EncoderUse[]): Promise<EmbeddedRows> {
  const { rows, options, texts } = call;
  const anyLength = typeof call.denoiser.shapeOf('encoder_hidden_states')?.[1] !== 'number';
  const tokensOf = ({ component, long = true }: EncoderUse, chunkCount?: number) =>
    rows.map(({ text }) => {
      const { tokenizer } = texts[component]!;
      return promptTokens(tokenizer, text, { syntax: options.promptSyntax, long: long && anyLength, chunkCount });
    });
  const longest = Math.max(...uses.flatMap((use) => tokensOf(use).map(({ chunks }) => chunks.length)));
  const tokens = uses.map((use) => tokensOf(use, longest));
  const embeddings = await Promise.all(
    uses.map(async (use, k) => {
      const encoder = texts[use.component]!;
      const how = await stateOptions(encoder, use, use.skips === false ? 1 : options.clipSkip);
      return Promise.all(tokens[k]!.map((prompt) => embedPrompt(encoder, prompt, how)));
    }),
  );
  for (const { states } of embeddings.flat()) checkFinite(states.data as Float32Array, 'text encoder');
  // A pooled state alone says little of a text's end, so what it misses is not reported.
  const reported = tokens.filter((_, k) => uses[k]!.state !== 'none');
  const truncated = rows.map((_, row) => Math.max(...reported.map((ofUse) => ofUse[row]!.truncated)));
  return { embeddings, tokens, truncated };
}

/** Which state clip skip means: 1 is the family's own, each further one a layer earlier. */
async function stateOptions(
  encoder: TextEncoder,
  { component, state }: EncoderUse,
  skip: number,
): Promise<EmbedPromptOptions> {
  if (state === 'none' || (state === 'last' && skip === 1)) return {};
  check(encoder.hasHiddenStates, {
    operation: component,
    rule: `${state === 'inner' ? 'this family of models' : 'clip skip'} takes an earlier layer's states, so the graph must be exported with its hidden states`,
    kind: 'usage',
  });
  if (state === 'inner') return { hiddenState: -(skip + 1) };
  return { hiddenState: -skip, normalize: await normOf(encoder) };
}

const norms = new WeakMap<TextEncoder, Promise<FinalNorm>>();

function normOf(encoder: TextEncoder): Promise<FinalNorm> {
  const known = norms.get(encoder) ?? finalNorm(encoder);
  norms.set(encoder, known);
  return known;
}
