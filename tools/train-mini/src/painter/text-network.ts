import type { InputTypes, Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import { linear } from '@lascaux/nn/layers';
import type { CLIPTextConfig } from '@lascaux/nn/networks';
import { clipText, clipTextConfig } from '@lascaux/nn/networks';
import { GROUNDS, RELATIONS, STYLES, THING_COLOURS } from '@lascaux/scenes';
import type { ClipTokenizer } from '@lascaux/text-encoder';
import { CODE_LENGTH } from './appearance.js';
import { accuracy, crossEntropy, nearestDrawing } from './classification.js';

const { add, argmax, cast, mean, mul, reshape, slice, square, sub } = ops;

/** Tokens of a prompt, start and end included: of captions 98.5 % leave the slots free. */
export const MAX_TOKENS = 40;
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
    intermediate_size: 1536,
    hidden_act: 'relu',
    projection_dim: 128,
    num_hidden_layers: 4,
    num_attention_heads: 4,
    max_position_embeddings: tokenizer.maxLength,
    eos_token_id: tokenizer.endId,
  });

/**
 * Inputs of a step: token ids of captions and what their slots are to hold. `drawings` are the codes of all drawings, style by style for each
 * noun, and none; things have the numbers of their noun and drawing, and weights that leave out drawings turned to another colour.
 */
export const textInputs = (batchSize: number, nouns: number) =>
  ({
    drawings: { shape: [nouns * STYLES.length + 1, CODE_LENGTH] },
    nounA: { shape: [batchSize], dtype: 'int64' },
    nounB: { shape: [batchSize], dtype: 'int64' },
    drawingA: { shape: [batchSize], dtype: 'int64' },
    drawingB: { shape: [batchSize], dtype: 'int64' },
    ownColourA: { shape: [batchSize] },
    ownColourB: { shape: [batchSize] },
    ids: { shape: [batchSize, MAX_TOKENS], dtype: 'int64' },
    codeA: { shape: [batchSize, CODE_LENGTH] },
    codeB: { shape: [batchSize, CODE_LENGTH] },
    ...(Object.fromEntries(classNames.map((name) => [name, { shape: [batchSize], dtype: 'int64' }])) as Record<
      ClassName,
      { shape: number[]; dtype: 'int64' }
    >),
  }) satisfies InputTypes;

type TextInputs = { readonly [Name in keyof ReturnType<typeof textInputs>]: Value };

/** Something said of both things. */
interface ForThings {
  readonly A: Value;
  readonly B: Value;
  /** Of thing A as the pooled state at the end token has it, so that a projection of it can be compared with images. */
  readonly end: Value;
}

/** What the slots say of prompts, [N, …]. */
export interface SlotReadings {
  readonly codes: ForThings;
  /** Logits of nouns, the last for none: what is not known of a drawing's code yet can still be told from others. */
  readonly nouns: ForThings;
  readonly classes: Readonly<Record<ClassName, Value>>;
}

/** Names of the heads that read something of thing A, of thing B, and of A at the end token. */
export const slotHeads = (what: string): readonly [string, string, string] => [what, `${what}_b`, `${what}_end`];

/** Reads the slots of prompts by linear heads, which exist in training only. */
export function readSlots(scope: Scope, ids: Value, config: CLIPTextConfig, nouns: number): SlotReadings {
  const { last_hidden_state: states, pooler_output: pooled } = clipText(scope, config, ids);
  const [batch, tokens, width] = states.shape as readonly [number, number, number];
  const slot = (index: number): Value => {
    const begin = tokens - SLOTS + index;
    return reshape(slice(states, { axis: 1, begin, end: begin + 1 }), [batch, width]);
  };
  const read = (name: string, state: Value, out: number): Value => linear(scope.at('heads', name), state, { out });
  const things = (what: string, out: number): ForThings => {
    const [a, b, end] = slotHeads(what);
    return { A: read(a, slot(0), out), B: read(b, slot(1), out), end: read(end, pooled, out) };
  };
  return {
    codes: things('code', CODE_LENGTH),
    nouns: things('noun', nouns + 1),
    classes: Object.fromEntries(
      classNames.map((name, i) => [name, read(name, slot(2 + i), CLASSES[name])]),
    ) as SlotReadings['classes'],
  };
}

/** Nouns whose drawings, in each style, and none are the rows of a table. */
const nounsIn = (drawings: Value): number => ((drawings.shape[0] as number) - 1) / STYLES.length;

const error = (value: Value, wanted: Value): Value => mean(square(sub(value, wanted)));
const total = (values: readonly Value[]): Value => values.reduce((sofar, value) => add(sofar, reshape(value, [])));

/** How well the slots hold what the prompts say: errors of the codes, and cross entropies. */
export function textLoss(scope: Scope, inputs: TextInputs, config: CLIPTextConfig) {
  const { codeA, codeB, drawings, drawingA, drawingB, nounA, nounB, ownColourA, ownColourB } = inputs;
  const { codes, nouns, classes } = readSlots(scope, inputs.ids, config, nounsIn(drawings));
  const [errorA, errorB, errorEnd] = [error(codes.A, codeA), error(codes.B, codeB), error(codes.end, codeA)];
  const [nearA, nearB, nearEnd] = [codes.A, codes.B, codes.end].map((code) => nearestDrawing(code, drawings)) as [
    Value,
    Value,
    Value,
  ];
  const told = [
    crossEntropy(nearA, drawingA, ownColourA),
    crossEntropy(nearB, drawingB, ownColourB),
    mul(reshape(crossEntropy(nearEnd, drawingA, ownColourA), []), 0.3),
  ];
  const named = [
    crossEntropy(nouns.A, nounA),
    crossEntropy(nouns.B, nounB),
    mul(reshape(crossEntropy(nouns.end, nounA), []), 0.3),
  ];
  const others = classNames.map((name) => crossEntropy(classes[name], inputs[name]));
  return {
    loss: total([
      ...[mul(total([errorA, errorB]), 2), mul(errorEnd, 0.6), mul(total([...told, ...named]), 0.5)],
      mul(total(others), 0.3),
    ]),
    metrics: {
      code_a: errorA,
      code_b: errorB,
      noun_a: accuracy(nouns.A, nounA),
      noun_b: accuracy(nouns.B, nounB),
      drawing_a: accuracy(nearA, drawingA, ownColourA),
      drawing_b: accuracy(nearB, drawingB, ownColourB),
      drawing_end: accuracy(nearEnd, drawingA, ownColourA),
      ...Object.fromEntries(classNames.map((name) => [name, accuracy(classes[name], inputs[name])])),
    },
  };
}

/** Token ids [N, T] → the noun of thing A, [N] (whole numbers as float32), for reports. */
export const readNoun = (scope: Scope, ids: Value, config: CLIPTextConfig, nouns: number): Value =>
  cast(argmax(readSlots(scope, ids, config, nouns).nouns.A), 'float32');
