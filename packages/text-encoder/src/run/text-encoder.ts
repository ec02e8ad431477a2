import { Tensor } from 'onnxruntime-common';
import { check } from '@lascaux/nn';
import { recentCache } from '../collections/recent.js';
import { attentionMask, type TextTokenizer } from '../text-tokenizer.js';
import { textInputs, textOutputs, type TextSession } from './session.js';
import { floatsOf, integerTensor, stack } from './tensors.js';

/** Options of `textEncoder`. */
export interface TextEncoderOptions {
  /** An open session of the encoder's graph; the text encoder owns it from now on. */
  readonly session: TextSession;
  readonly tokenizer: TextTokenizer;
  /**
   * Also hand out this entry of the graph's `hidden_states.*` (0: the embeddings; −2: the penultimate layer, which SDXL
   * and "clip skip" use). Default: none.
   */
  readonly hiddenState?: number;
  /** Let the encoder see padding, as Stable Diffusion does. Default true; only graphs with `attention_mask` can do without. */
  readonly attendPadding?: boolean;
  /** How many sequences' embeddings are remembered. Default 32. */
  readonly cacheSize?: number;
}

/** Embeddings of B sequences of S tokens; all tensors are float32. */
export interface TextEmbedding {
  /** The sequences, S ids each. */
  readonly ids: readonly (readonly number[])[];
  /** How many tokens of each prompt did not fit. */
  readonly truncated: readonly number[];
  /** [B, S, D] */
  readonly lastHiddenState: Tensor;
  /** [B, P]: the projected embedding where the graph has one, else the hidden state at the end token. */
  readonly pooled?: Tensor;
  /** [B, S, D]: the hidden state asked for. */
  readonly hiddenState?: Tensor;
}

/** Options of one call of `encodeIds`. */
export interface EncodeIdsOptions {
  /** As in `TextEncoderOptions`, for this call. */
  readonly hiddenState?: number;
}

/** Turns prompts into embeddings. Calls may overlap; they share one session. */
export interface TextEncoder {
  readonly tokenizer: TextTokenizer;
  /** Embeds prompts; too long ones lose tokens, see `truncated`. @throws {LascauxError} without prompts, or once disposed */
  readonly encode: (prompts: readonly string[]) => Promise<TextEmbedding>;
  /** Embeds ready-made sequences of `tokenizer.maxLength` ids, such as chunks of a long prompt. @throws {LascauxError} as `encode` */
  readonly encodeIds: (
    sequences: readonly (readonly number[])[],
    options?: EncodeIdsOptions,
  ) => Promise<Omit<TextEmbedding, 'truncated'>>;
  /** Whether the graph hands out its hidden states. */
  readonly hasHiddenStates: boolean;
  /** Waits for running calls and frees the session. May be called twice. */
  readonly dispose: () => Promise<void>;
}

type Outputs = Readonly<Pick<TextEmbedding, 'lastHiddenState' | 'pooled' | 'hiddenState'>>;

const operation = 'text encoder';

/** The function that runs one sequence through the session. */
function sequenceRunner({ session, tokenizer, attendPadding = true }: TextEncoderOptions) {
  const { idType, length, masked } = textInputs(session);
  check(length === undefined || length === tokenizer.maxLength, {
    operation,
    rule: `takes sequences of ${length} tokens, so the tokenizer must make them`,
    value: tokenizer.maxLength,
  });

  const maskOf = (ids: readonly number[]): number[] =>
    attendPadding ? ids.map(() => 1) : attentionMask(ids, tokenizer);

  return async (ids: readonly number[], hiddenState: number | undefined): Promise<Outputs> => {
    const outputs = textOutputs(session, hiddenState);
    const names = [outputs.lastHiddenState, outputs.pooled, outputs.hiddenState].filter((name) => name !== undefined);
    const feeds = {
      input_ids: integerTensor(ids, idType),
      ...(masked ? { attention_mask: integerTensor(maskOf(ids), idType) } : {}),
    };
    const results = await session.run(feeds, names);
    const read = (name: string | undefined): Tensor | undefined => {
      const result = name === undefined ? undefined : results[name];
      return result && new Tensor('float32', floatsOf(result, result.type), result.dims);
    };
    return {
      lastHiddenState: read(outputs.lastHiddenState) as Tensor,
      pooled: read(outputs.pooled),
      hiddenState: read(outputs.hiddenState),
    };
  };
}

/** The rows of one output as one tensor; undefined where the graph lacks it. */
function column(rows: readonly Outputs[], name: keyof Outputs): Tensor | undefined {
  const tensors = rows.map((row) => row[name]).filter((tensor) => tensor !== undefined);
  return tensors.length === 0 ? undefined : stack(tensors);
}

/**
 * Makes a text encoder of a session and a tokenizer. Dtypes and the outputs there are come from what the session
 * declares. Every sequence is run alone, so its embedding depends on nothing else, and the last ones are remembered.
 * Why: docs/decisions/0016.
 * @throws {LascauxError} when the session's inputs or outputs are not those of a text encoder
 */
export function textEncoder(options: TextEncoderOptions): TextEncoder {
  const { session, tokenizer, cacheSize = 32 } = options;
  const { hiddenStates } = textOutputs(session, options.hiddenState);
  const run = sequenceRunner(options);
  const cache = recentCache<Outputs>(cacheSize);
  const running = new Set<Promise<Outputs>>();
  let disposal: Promise<void> | undefined;

  function start(ids: readonly number[], hiddenState: number | undefined): Promise<Outputs> {
    const promise = run(ids, hiddenState);
    running.add(promise);
    const finished = () => running.delete(promise);
    promise.then(finished, finished);
    return promise;
  }

  async function encodeIds(
    sequences: readonly (readonly number[])[],
    { hiddenState = options.hiddenState }: EncodeIdsOptions = {},
  ): Promise<Omit<TextEmbedding, 'truncated'>> {
    check(disposal === undefined, { operation, rule: 'was disposed and cannot encode any more' });
    check(sequences.length > 0, { operation, rule: 'needs at least one prompt', value: 0 });
    for (const ids of sequences) {
      check(ids.length === tokenizer.maxLength, {
        operation,
        rule: `sequences must have ${tokenizer.maxLength} ids`,
        value: ids.length,
      });
    }
    const rows = await Promise.all(
      sequences.map((ids) => cache.get(`${hiddenState}:${ids.join()}`, () => start(ids, hiddenState))),
    );
    return {
      ids: sequences,
      lastHiddenState: column(rows, 'lastHiddenState') as Tensor,
      pooled: column(rows, 'pooled'),
      hiddenState: column(rows, 'hiddenState'),
    };
  }

  async function release(): Promise<void> {
    cache.clear();
    await Promise.allSettled(running);
    await session.release();
  }

  return {
    tokenizer,
    hasHiddenStates: hiddenStates > 0,
    encodeIds,
    encode: async (prompts) => {
      const sequences = prompts.map((prompt) => tokenizer.encode(prompt));
      const embedding = await encodeIds(sequences.map(({ ids }) => ids));
      return { ...embedding, truncated: sequences.map(({ truncated }) => truncated) };
    },
    dispose: () => (disposal ??= release()),
  };
}
