import type { InputTypes, Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import { linear } from '@lascaux/nn/layers';
import type { CLIPTextConfig } from '@lascaux/nn/networks';
import { clipText, clipTextConfig } from '@lascaux/nn/networks';
import { GROUNDS, RELATIONS, STYLES, THING_COLOURS } from '@lascaux/scenes';
import type { ClipTokenizer } from '@lascaux/text-encoder';
import { CODE_LENGTH } from './appearance.js';
import { accuracy, crossEntropy } from './classification.js';

const { add, argmax, cast, matmul, mean, mul, oneHot, reshape, slice, square, sub } = ops;

/** Tokens of a prompt, start and end included: of captions 98.5 % leave the slots free. */
export const MAX_TOKENS = 40;
/** Words of a list; most have room for them. */
export const LISTED = 6;
/** Entries of the vocabulary. */
export const VOCABULARY = 12_288;

/** What is told apart by a slot of its own, with the number of answers; "none" is the last where a scene may lack it. */
const CLASSES = {
  style: STYLES.length,
  ground: GROUNDS.length,
  count: 4,
  relation: RELATIONS.length + 1,
  colourA: THING_COLOURS.length + 1,
  colourB: THING_COLOURS.length + 1,
} as const;
type ClassName = keyof typeof CLASSES;
const classNames = Object.keys(CLASSES) as ClassName[];

/**
 * The last positions of a sequence. CLIP masks causally and fills up with end tokens, so these see the whole prompt and stand at fixed places,
 * whatever the language and its number of tokens: two for the things, one for each of the classes.
 */
export const SLOTS = 2 + classNames.length;

/** The painter's text encoder, for a tokenizer. */
export const painterTextConfig = (tokenizer: ClipTokenizer): CLIPTextConfig =>
  clipTextConfig({
    vocab_size: tokenizer.vocabSize,
    hidden_size: 192,
    intermediate_size: 768,
    hidden_act: 'relu',
    projection_dim: 128,
    num_hidden_layers: 4,
    num_attention_heads: 4,
    max_position_embeddings: tokenizer.maxLength,
    eos_token_id: tokenizer.endId,
  });

/**
 * Inputs of a step: token ids of captions and what their slots are to hold (nouns are numbered, `nouns` stands for none), and as many lists of
 * words with the places of their ends, the nouns they lead to, and weights that leave out words without room.
 */
export const textInputs = (batchSize: number) =>
  ({
    lists: { shape: [batchSize, MAX_TOKENS], dtype: 'int64' },
    listEnds: { shape: [batchSize, LISTED], dtype: 'int64' },
    listNouns: { shape: [batchSize * LISTED], dtype: 'int64' },
    listWeights: { shape: [batchSize * LISTED] },
    ids: { shape: [batchSize, MAX_TOKENS], dtype: 'int64' },
    codeA: { shape: [batchSize, CODE_LENGTH] },
    codeB: { shape: [batchSize, CODE_LENGTH] },
    nounA: { shape: [batchSize], dtype: 'int64' },
    nounB: { shape: [batchSize], dtype: 'int64' },
    ...(Object.fromEntries(classNames.map((name) => [name, { shape: [batchSize], dtype: 'int64' }])) as Record<
      ClassName,
      { shape: number[]; dtype: 'int64' }
    >),
  }) satisfies InputTypes;

type TextInputs = { readonly [Name in keyof ReturnType<typeof textInputs>]: Value };

/** What the slots say of prompts, [N, …]. */
export interface SlotReadings {
  /** `end`: of thing A as the pooled state at the end token has it, so that a projection of it can be compared with images. */
  readonly codes: { readonly A: Value; readonly B: Value; readonly end: Value };
  readonly nouns: { readonly A: Value; readonly B: Value; readonly end: Value };
  readonly classes: Readonly<Record<ClassName, Value>>;
}

/** The nouns of the states at the ends of listed words: logits [N·K, nouns + 1]. */
function readLists(
  scope: Scope,
  { lists, ends }: { readonly lists: Value; readonly ends: Value },
  { config, nouns }: { readonly config: CLIPTextConfig; readonly nouns: number },
): Value {
  const { last_hidden_state: states } = clipText(scope, config, lists);
  const [batch, tokens, width] = states.shape as readonly [number, number, number];
  const atEnds = matmul(oneHot(ends, tokens), states);
  return linear(scope.at('heads', 'noun_word'), reshape(atEnds, [batch * LISTED, width]), { out: nouns + 1 });
}

/** Reads the slots of prompts by linear heads, which exist in training only. */
export function readSlots(
  scope: Scope,
  ids: Value,
  { config, nouns }: { readonly config: CLIPTextConfig; readonly nouns: number },
): SlotReadings {
  const { last_hidden_state: states, pooler_output: pooled } = clipText(scope, config, ids);
  const [batch, tokens, width] = states.shape as readonly [number, number, number];
  const slot = (index: number): Value => {
    const begin = tokens - SLOTS + index;
    return reshape(slice(states, { axis: 1, begin, end: begin + 1 }), [batch, width]);
  };
  const read = (name: string, state: Value, out: number): Value => linear(scope.at('heads', name), state, { out });
  const head = (name: string, index: number, out: number): Value => read(name, slot(index), out);
  const [code, noun] = [read('code_end', pooled, CODE_LENGTH), read('noun_end', pooled, nouns + 1)];
  return {
    codes: { A: head('code', 0, CODE_LENGTH), B: head('code_b', 1, CODE_LENGTH), end: code },
    nouns: { A: head('noun', 0, nouns + 1), B: head('noun_b', 1, nouns + 1), end: noun },
    classes: Object.fromEntries(
      classNames.map((name, i) => [name, head(name, 2 + i, CLASSES[name])]),
    ) as SlotReadings['classes'],
  };
}

const error = (value: Value, wanted: Value): Value => mean(square(sub(value, wanted)));
const total = (values: readonly Value[]): Value => values.reduce((sofar, value) => add(sofar, reshape(value, [])));

/** How well the slots hold what the prompts say: errors of the codes, and cross entropies. */
export function textLoss(
  scope: Scope,
  inputs: TextInputs,
  options: { readonly config: CLIPTextConfig; readonly nouns: number },
) {
  const { codes, nouns, classes } = readSlots(scope, inputs.ids, options);
  const [codeA, codeB] = [error(codes.A, inputs.codeA), error(codes.B, inputs.codeB)];
  const [nounA, nounB] = [crossEntropy(nouns.A, inputs.nounA), crossEntropy(nouns.B, inputs.nounB)];
  const others = classNames.map((name) => crossEntropy(classes[name], inputs[name]));
  const listed = readLists(scope, { lists: inputs.lists, ends: inputs.listEnds }, options);
  const words = crossEntropy(listed, inputs.listNouns, inputs.listWeights);
  const end = add(error(codes.end, inputs.codeA), mul(reshape(crossEntropy(nouns.end, inputs.nounA), []), 0.5));
  return {
    loss: total([codeA, codeB, mul(total([nounA, nounB]), 0.5), mul(total(others), 0.3), mul(end, 0.3), words]),
    metrics: {
      code_a: codeA,
      code_b: codeB,
      noun_a: accuracy(nouns.A, inputs.nounA),
      noun_b: accuracy(nouns.B, inputs.nounB),
      noun_word: accuracy(listed, inputs.listNouns, inputs.listWeights),
      noun_end: accuracy(nouns.end, inputs.nounA),
      ...Object.fromEntries(classNames.map((name) => [name, accuracy(classes[name], inputs[name])])),
    },
  };
}

/** Token ids [N, T] → the noun read from slot A of each, [N] (int64 as float32), for reports. */
export const readNoun = (
  scope: Scope,
  ids: Value,
  options: { readonly config: CLIPTextConfig; readonly nouns: number },
): Value => cast(argmax(readSlots(scope, ids, options).nouns.A), 'float32');
