import type { InputTypes, Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import { layerNorm, linear, multiHeadAttention, normal } from '@lascaux/nn/layers';
import type { CLIPTextConfig } from '@lascaux/nn/networks';
import { clipTextConfig } from '@lascaux/nn/networks';
import { STYLES } from '@lascaux/scenes';
import type { ClipTokenizer } from '@lascaux/text-encoder';
import { CODE_LENGTH, CODE_PARTS } from './appearance.js';
import { accuracy, crossEntropy, impurity, largestOfEach, purity } from './classification.js';
import { CLASS_NAMES, CLASSES, FIRST_SLOT, MAX_TOKENS, perClass, SLOTS, type ClassName } from './slot-tokens.js';

const { add, argmax, cast, concat, constant, gather, matmul, mul, relu, reshape, slice } = ops;

/** Entries of the vocabulary. */
export const VOCABULARY = 12_288;

/** Layers that are trained; those after them are the memory that is written by `codebookEncoder`. */
export const READING_LAYERS = 2;
/** Units of every layer's feed-forward half: enough for a memory of all drawings, and so free to use for the layer that reads. */
export const UNITS = 4704;
/** Units of the first layer, which takes its turn at every place; the others of its units are 0. */
const PREPARING_UNITS = 512;

/** The painter's text encoder, for a tokenizer: two layers that read, and one of memory for each part of a code. */
export const painterTextConfig = (tokenizer: ClipTokenizer): CLIPTextConfig =>
  clipTextConfig({
    vocab_size: tokenizer.vocabSize,
    hidden_size: 192,
    intermediate_size: UNITS,
    hidden_act: 'relu',
    projection_dim: 128,
    num_hidden_layers: READING_LAYERS + CODE_PARTS,
    num_attention_heads: 4,
    max_position_embeddings: tokenizer.maxLength,
    eos_token_id: tokenizer.endId,
  });

/** Parameters of the text encoder itself, without what stands beside it in training. */
export const isTextParameter = (name: string): boolean => name.startsWith('text_model.');

/**
 * The numbers of a state that say where it stands, the same as a token's tags: one for each slot, one for all other places, and one that is always
 * 0. No layer that is trained writes to them, so that a memory is told its places exactly.
 */
export const PLACE_CODE = CODE_LENGTH;
export const [ELSEWHERE, NOWHERE] = [PLACE_CODE + SLOTS, PLACE_CODE + SLOTS + 1] as const;
/** What the number of its own place is in every state. */
export const PLACE_SIZE = 2;

/** Zeroes the numbers that say the place. */
export function besidePlaces(x: Value): Value {
  const width = x.shape.at(-1) as number;
  return mul(
    x,
    constant(
      x,
      Array.from({ length: width }, (_, i) => (i < PLACE_CODE ? 1 : 0)),
      { shape: [width] },
    ),
  );
}

/** What says of a place which it is: the number of the state that is `PLACE_SIZE` there. */
export const placeNumber = (place: number): number =>
  place < FIRST_SLOT ? ELSEWHERE : PLACE_CODE + place - FIRST_SLOT;

/** Rows of `PLACE_SIZE` at the numbers given, [numbers, width]. */
export function placeCodes(like: Value, numbers: readonly number[], width: number): Value {
  const values = numbers.flatMap((number) => Array.from({ length: width }, (_, i) => (i === number ? PLACE_SIZE : 0)));
  return constant(like, values, { shape: [numbers.length, width] });
}

/** Trained rows of positions: one for each place of words, one for all slots of a thing, which only the part of the code tells apart, one for each class. */
export const POSITION_ROWS = FIRST_SLOT + 2 + CLASS_NAMES.length;

/** The row of trained positions for a place. */
export function positionRow(place: number): number {
  const slot = place - FIRST_SLOT;
  if (slot < 0) return place;
  return FIRST_SLOT + (slot < 2 * CODE_PARTS ? Math.floor(slot / CODE_PARTS) : slot - 2 * CODE_PARTS + 2);
}

/** Token embeddings without numbers of places, [..., width]. */
export function wordsAt(
  scope: Scope,
  ids: Value,
  { vocab_size: vocabulary, hidden_size: width }: CLIPTextConfig,
): Value {
  return besidePlaces(gather(scope.at('token_embedding').parameter('weight', [vocabulary, width], normal(0.02)), ids));
}

/** A linear map to states that leaves the numbers of places alone. */
export const toState = (scope: Scope, x: Value, options: { readonly out: number; readonly deviation: number }): Value =>
  besidePlaces(linear(scope, x, { out: options.out, initializer: normal(options.deviation) }));

/** The feed-forward half of a layer, with what it is added to. */
export function feedForward(
  scope: Scope,
  state: Value,
  { units, config }: { readonly units: number; readonly config: CLIPTextConfig },
): Value {
  const { hidden_size: width, layer_norm_eps: epsilon } = config;
  const normed = layerNorm(scope.at('layer_norm2'), state, { epsilon });
  const hidden = relu(linear(scope.at('mlp', 'fc1'), normed, { out: units, initializer: normal((2 * width) ** -0.5) }));
  return add(state, toState(scope.at('mlp', 'fc2'), hidden, { out: width, deviation: 0.3 * units ** -0.5 }));
}

/** Stands for −∞ where a place must not look. */
const MASKED = -1e9;

/** A layer's attention with what it is added to, at places picked from the states: [N, T, C] → [N, P, C]. */
function attended(
  scope: Scope,
  states: Value,
  { picks, config }: { readonly picks?: Value; readonly config: CLIPTextConfig },
): Value {
  const { hidden_size: width, num_attention_heads: heads, layer_norm_eps: epsilon } = config;
  const [batch, places] = states.shape as readonly [number, number];
  const normed = layerNorm(scope.at('layer_norm1'), states, { epsilon });
  const attention = scope.at('self_attn');
  const project = (name: string, x: Value): Value =>
    linear(attention.at(name), x, { out: width, initializer: normal(0.5 * width ** -0.5) });
  const causal = constant(
    states,
    Array.from({ length: places ** 2 }, (_, i) => (i % places > Math.floor(i / places) ? MASKED : 0)),
    { shape: [places, places] },
  );
  const picked = (x: Value): Value => (picks === undefined ? x : matmul(picks, x));
  const asked = picks?.shape[1] as number;
  const gathered = multiHeadAttention({
    query: project('q_proj', picked(normed)),
    key: project('k_proj', normed),
    value: project('v_proj', normed),
    heads,
    mask: picks === undefined ? causal : reshape(matmul(picks, causal), [batch, 1, asked, places]),
  });
  return add(picked(states), toState(attention.at('out_proj'), gathered, { out: width, deviation: width ** -0.5 }));
}

/**
 * States of the layers that read, after the final norm, at places picked: what a CLIPTextModel of these two layers gives there, where the second does
 * not take its turn elsewhere.
 * @param ids [N, MAX_TOKENS]
 * @param picks one row of 0 and a single 1 for each place, [N, P, MAX_TOKENS]
 * @returns [N, P, width]
 */
export function readStates(scope: Scope, { ids, picks }: Readings, config: CLIPTextConfig): Value {
  const { hidden_size: width, layer_norm_eps: epsilon } = config;
  const model = scope.at('text_model');
  const words = wordsAt(model.at('embeddings'), ids, config);
  const rows = scope.at('position_embedding').parameter('weight', [POSITION_ROWS, width], normal(0.02));
  const places = Array.from({ length: MAX_TOKENS }, (_, place) => place);
  const positions = concat(
    places.map((place) => slice(rows, { axis: 0, begin: positionRow(place), end: positionRow(place) + 1 })),
    0,
  );
  const codes = placeCodes(words, places.map(placeNumber), width);
  const layers = model.at('encoder', 'layers');
  const first = attended(layers.at(0), add(words, add(besidePlaces(positions), codes)), { config });
  const prepared = feedForward(layers.at(0), first, { units: PREPARING_UNITS, config });
  const gathered = attended(layers.at(1), prepared, { picks, config });
  const read = feedForward(layers.at(1), gathered, { units: UNITS, config });
  return besidePlaces(layerNorm(model.at('final_layer_norm'), read, { epsilon }));
}

interface Readings {
  readonly ids: Value;
  readonly picks: Value;
}

/** Answers after those of the drawings, which are numbered style by style for each noun: that there is no thing, and that the caption has no words. */
export const [NONE, EMPTY] = [0, 1] as const;
const OTHERS = 2;

/** The logits of all drawings, [N, width] → [N, drawings]. */
export const drawingLogits = (scope: Scope, state: Value, nouns: number): Value =>
  linear(scope.at('keys'), state, { out: nouns * STYLES.length, initializer: normal(0.05) });

/** Places of a step at which captions are read: a slot of thing A, one of thing B, where the text ends, and the classes' slots. */
export const PICKS = 3 + CLASS_NAMES.length;

/** Inputs of a step: token ids of captions, the places to read at and what they say; `hasB` is 1 for captions of two things. */
export const textInputs = (batchSize: number) =>
  ({
    ids: { shape: [batchSize, MAX_TOKENS], dtype: 'int64' },
    picks: { shape: [batchSize, PICKS, MAX_TOKENS] },
    hasB: { shape: [batchSize] },
    nounA: { shape: [batchSize], dtype: 'int64' },
    nounB: { shape: [batchSize], dtype: 'int64' },
    drawingA: { shape: [batchSize], dtype: 'int64' },
    drawingB: { shape: [batchSize], dtype: 'int64' },
    ...perClass(() => ({ shape: [batchSize], dtype: 'int64' }) as const),
  }) satisfies InputTypes;

type TextInputs = { readonly [Name in keyof ReturnType<typeof textInputs>]: Value };

/** The text encoder, and how many nouns its memory tells apart. */
export interface PromptReader {
  readonly config: CLIPTextConfig;
  readonly nouns: number;
}

/** What the text encoder says of prompts, as logits, [N, …]. */
export interface PromptReadings {
  readonly A: Value;
  readonly B: Value;
  /** Of thing A where the text ends, so that a projection of that state can be compared with images. */
  readonly end: Value;
  /** Of the answers of each class, and at last that nothing is said. */
  readonly classes: Readonly<Record<ClassName, Value>>;
}

/** Reads prompts at places picked by keys, which become units of the memory. */
export function readPrompts(scope: Scope, readings: Readings, { config, nouns }: PromptReader): PromptReadings {
  const states = readStates(scope, readings, config);
  const [batch, , width] = states.shape as readonly [number, number, number];
  const heads = scope.at('heads');
  const at = (pick: number): Value => reshape(slice(states, { axis: 1, begin: pick, end: pick + 1 }), [batch, width]);
  const things = reshape(slice(states, { axis: 1, begin: 0, end: 3 }), [batch * 3, width]);
  // Others have keys of their own, since a reader of single things brings those of the drawings.
  const others = linear(heads.at('others'), things, { out: OTHERS, initializer: normal(0.05) });
  const keys = nouns * STYLES.length + OTHERS;
  const logits = reshape(concat([drawingLogits(heads, things, nouns), others], 1), [batch, 3, keys]);
  const thing = (pick: number): Value => reshape(slice(logits, { axis: 1, begin: pick, end: pick + 1 }), [batch, keys]);
  const classes = perClass((name, i) =>
    linear(heads.at(name), at(3 + i), { out: CLASSES[name] + 1, initializer: normal(0.05) }),
  );
  return { A: thing(0), B: thing(1), end: thing(2), classes };
}

/** Weights of what is read where the text ends, of each class, and of the memories' purity. */
const [END, CLASS, PURE] = [0.3, 0.2, 2] as const;
/** How much it counts that there is no thing B, beside what thing B is. */
const NO_B = 0.2;

/** How badly a memory answers: with the wrong unit, or with others beside the right one. */
export const memoryLoss = (logits: Value, labels: Value, weights?: Value): Value =>
  add(reshape(crossEntropy(logits, labels, weights), []), mul(reshape(impurity(logits, labels, weights), []), PURE));

/** How badly places say what the prompts do. */
export function textLoss(scope: Scope, inputs: TextInputs, reader: PromptReader) {
  const { drawingA, drawingB, nounA, nounB, hasB } = inputs;
  const { A, B, end, classes } = readPrompts(scope, inputs, reader);
  const weightB = add(mul(hasB, 1 - NO_B), NO_B);
  const things = add(memoryLoss(A, drawingA), memoryLoss(B, drawingB, weightB));
  const others = CLASS_NAMES.map((name) => memoryLoss(classes[name], inputs[name])).reduce((a, b) => add(a, b));
  const noun = (logits: Value): Value => largestOfEach(logits, reader.nouns, STYLES.length);
  return {
    loss: add(things, add(mul(memoryLoss(end, drawingA), END), mul(others, CLASS))),
    metrics: {
      noun_a: accuracy(noun(A), nounA),
      noun_b: accuracy(noun(B), nounB, hasB),
      drawing_a: accuracy(A, drawingA),
      drawing_b: accuracy(B, drawingB),
      drawing_end: accuracy(end, drawingA),
      purity_a: purity(A, drawingA),
      purity_b: purity(B, drawingB),
      ...perClass((name) => accuracy(classes[name], inputs[name])),
    },
  };
}

/** The noun of thing A, [N] (whole numbers as float32), for reports. */
export const readNoun = (scope: Scope, readings: Readings, reader: PromptReader): Value =>
  cast(argmax(largestOfEach(readPrompts(scope, readings, reader).A, reader.nouns, STYLES.length)), 'float32');
