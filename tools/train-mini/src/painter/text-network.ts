import type { InputTypes, Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import { linear } from '@lascaux/nn/layers';
import type { CLIPTextConfig } from '@lascaux/nn/networks';
import { clipText, clipTextConfig } from '@lascaux/nn/networks';
import { GROUNDS, RELATIONS, STYLES, THING_COLOURS } from '@lascaux/scenes';
import type { ClipTokenizer } from '@lascaux/text-encoder';
import { CODE_LENGTH } from './appearance.js';
import { accuracy, crossEntropy } from './classification.js';

const { add, argmax, cast, matmul, mean, mul, oneHot, reshape, slice, square, sub, sum, swapLast } = ops;

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
 * Inputs of a step: token ids of captions and what their slots are to hold, and as many lists of words with the places of their ends, the
 * nouns they lead to (`nouns` stands for none), and weights that leave out words without room. `drawings` are the codes of all drawings, style
 * by style for each noun, and none; things have the number of theirs, and weights that leave out those turned to another colour.
 */
export const textInputs = (batchSize: number, nouns: number) =>
  ({
    lists: { shape: [batchSize, MAX_TOKENS], dtype: 'int64' },
    listEnds: { shape: [batchSize, LISTED], dtype: 'int64' },
    listNouns: { shape: [batchSize * LISTED], dtype: 'int64' },
    listWeights: { shape: [batchSize * LISTED] },
    drawings: { shape: [nouns * STYLES.length + 1, CODE_LENGTH] },
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

/** What the slots say of prompts, [N, …]. */
export interface SlotReadings {
  /** `end`: of thing A as the pooled state at the end token has it, so that a projection of it can be compared with images. */
  readonly codes: { readonly A: Value; readonly B: Value; readonly end: Value };
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
export function readSlots(scope: Scope, ids: Value, config: CLIPTextConfig): SlotReadings {
  const { last_hidden_state: states, pooler_output: pooled } = clipText(scope, config, ids);
  const [batch, tokens, width] = states.shape as readonly [number, number, number];
  const slot = (index: number): Value => {
    const begin = tokens - SLOTS + index;
    return reshape(slice(states, { axis: 1, begin, end: begin + 1 }), [batch, width]);
  };
  const read = (name: string, state: Value, out: number): Value => linear(scope.at('heads', name), state, { out });
  return {
    codes: {
      A: read('code', slot(0), CODE_LENGTH),
      B: read('code_b', slot(1), CODE_LENGTH),
      end: read('code_end', pooled, CODE_LENGTH),
    },
    classes: Object.fromEntries(
      classNames.map((name, i) => [name, read(name, slot(2 + i), CLASSES[name])]),
    ) as SlotReadings['classes'],
  };
}

/** How much nearer one drawing's code must be than another's to be e times as likely: twice the inverse, in squared distance. */
const SHARPNESS = 0.05;

/**
 * Which drawing a code [N, 192] is nearest to, as logits [N, drawings]: −s/2·‖code − drawing‖², less what is the same for all. The cross entropy
 * over all drawings is the contrastive loss of a locked image tower (Zhai et al. 2022, "LiT") with every negative there is.
 */
const nearest = (code: Value, drawings: Value): Value =>
  mul(
    sub(
      matmul(code, swapLast(drawings)),
      reshape(mul(sum(square(drawings), [-1]), 0.5), [1, drawings.shape[0] as number]),
    ),
    SHARPNESS,
  );

const error = (value: Value, wanted: Value): Value => mean(square(sub(value, wanted)));
const total = (values: readonly Value[]): Value => values.reduce((sofar, value) => add(sofar, reshape(value, [])));

/** How well the slots hold what the prompts say: errors of the codes, and cross entropies. */
export function textLoss(
  scope: Scope,
  inputs: TextInputs,
  { config, nouns }: { readonly config: CLIPTextConfig; readonly nouns: number },
) {
  const { codes, classes } = readSlots(scope, inputs.ids, config);
  const { codeA, codeB, drawings, drawingA, drawingB, ownColourA, ownColourB } = inputs;
  const [errorA, errorB, errorEnd] = [error(codes.A, codeA), error(codes.B, codeB), error(codes.end, codeA)];
  const [nearA, nearB, nearEnd] = [codes.A, codes.B, codes.end].map((code) => nearest(code, drawings)) as [
    Value,
    Value,
    Value,
  ];
  const told = [
    crossEntropy(nearA, drawingA, ownColourA),
    crossEntropy(nearB, drawingB, ownColourB),
    mul(reshape(crossEntropy(nearEnd, drawingA, ownColourA), []), 0.3),
  ];
  const others = classNames.map((name) => crossEntropy(classes[name], inputs[name]));
  const words = readLists(scope, { lists: inputs.lists, ends: inputs.listEnds }, { config, nouns });
  const listed = crossEntropy(words, inputs.listNouns, inputs.listWeights);
  return {
    loss: total([
      ...[mul(total([errorA, errorB]), 2), mul(errorEnd, 0.6), mul(total(told), 0.5)],
      ...[mul(total(others), 0.3), listed],
    ]),
    metrics: {
      code_a: errorA,
      code_b: errorB,
      drawing_a: accuracy(nearA, drawingA, ownColourA),
      drawing_b: accuracy(nearB, drawingB, ownColourB),
      drawing_end: accuracy(nearEnd, drawingA, ownColourA),
      noun_word: accuracy(words, inputs.listNouns, inputs.listWeights),
      ...Object.fromEntries(classNames.map((name) => [name, accuracy(classes[name], inputs[name])])),
    },
  };
}

/** Token ids [N, T] → the noun whose drawing slot A is nearest to, [N] (int64 as float32), for reports. */
export function readNoun(
  scope: Scope,
  { ids, drawings }: { readonly ids: Value; readonly drawings: Value },
  config: CLIPTextConfig,
): Value {
  const drawing = cast(argmax(nearest(readSlots(scope, ids, config).codes.A, drawings)), 'float32');
  return mul(drawing, 1 / STYLES.length);
}
