import { STYLES } from '@lascaux/scenes';
import { CODE_LENGTH, CODE_PARTS, type AppearanceCodes } from './appearance.js';
import { ACTIVATION } from './classification.js';
import {
  CLASS_NAMES,
  classSigns,
  MAX_TOKENS,
  SLOT_A,
  SLOT_B,
  SLOT_CLASSES,
  SLOTS,
  TAG_SIZE,
  TOKEN_LENGTH,
} from './slot-tokens.js';
import {
  ELSEWHERE,
  NOWHERE,
  PLACE_CODE,
  PLACE_SIZE,
  placeNumber,
  positionRow,
  READING_LAYERS,
  UNITS,
} from './text-network.js';
import type { StageWeights } from './stage-weights.js';

/** Numbers of a state, which is a token in the end. */
const WIDTH = TOKEN_LENGTH;
/** The numbers of a token that nothing reads: they say the place of what is no slot, and at the end make all values of a memory equally long. */
const SPARE = [ELSEWHERE, NOWHERE] as const;

/** Values of which those are 0 that belong to numbers of places. */
const besidePlaces = (values: Float32Array, numberOf: (i: number) => number): Float32Array =>
  values.map((value, i) => (numberOf(i) < PLACE_CODE ? value : 0));
/** The number of the state that a value of rows belongs to. */
const column = (i: number): number => i % WIDTH;

/** What a unit of a memory looks for in a normed state, and what it adds to the state for each 1 that it gives. */
interface Unit {
  readonly key: Float32Array;
  readonly bias: number;
  readonly value: Float32Array;
}

/** How much a place that is not a unit's own counts against it: more than any key can gain. */
const CLOSED = 512;

/** Closes a key at all places but the given slots, where nothing is added to it: there every other number of places is what `NOWHERE` is. */
function gated(key: Float32Array, slots: readonly number[]): Float32Array {
  const own = key.slice();
  const others = [...Array(SLOTS).keys()].filter((slot) => !slots.includes(slot)).map((slot) => PLACE_CODE + slot);
  for (const number of [...others, ELSEWHERE]) {
    own[number]! -= CLOSED;
    own[NOWHERE]! += CLOSED;
  }
  return own;
}

/** The least difference of a value's spare numbers: a state that has been written to shows by them that it is not to be written to again. */
const APART = 1;

/** Σ and Σ² of a token's numbers. */
const sumsOf = (token: Float32Array): readonly [number, number] => [
  token.reduce((total, value) => total + value, 0),
  token.reduce((total, value) => total + value ** 2, 0),
];

/** The least square of a token's length for which `filledUp` finds spare numbers of different signs. */
export function leastSquare(token: Float32Array): number {
  const [total, square] = sumsOf(token);
  return square + (total ** 2 + (Math.abs(total) + APART) ** 2) / 2;
}

/**
 * A token whose spare numbers f > 0 > g make its mean 0 and its length's square what is given: f + g = −Σ, f² + g² = square − Σ². A layer norm over
 * any multiple of it gives the same.
 * @param token [TOKEN_LENGTH], zeros in place of the spare numbers
 */
export function filledUp(token: Float32Array, length: number): Float32Array {
  const [total, square] = sumsOf(token);
  const apart = Math.sqrt(2 * (length - square) - total ** 2);
  const filled = token.slice();
  filled[SPARE[0]] = (apart - total) / 2;
  filled[SPARE[1]] = (-apart - total) / 2;
  return filled;
}

/** A token of the spare numbers alone: after the last norm, next to nothing. */
function silence(apart: number): Float32Array {
  const token = new Float32Array(WIDTH);
  token[SPARE[0]] = apart / 2;
  token[SPARE[1]] = -apart / 2;
  return token;
}

const scaledBy = (factor: number, values: Float32Array): Float32Array => values.map((value) => factor * value);
const sum = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value + b[i]!);

/** A token of a slot's tag alone. */
function tagAt(slot: number): Float32Array {
  const token = new Float32Array(WIDTH);
  token[CODE_LENGTH + slot] = TAG_SIZE;
  return token;
}

/** A tag whose spare numbers take its mean away. */
function balanced(tag: Float32Array): Float32Array {
  const token = tag.slice();
  for (const spare of SPARE) token[spare] = -TAG_SIZE / 2;
  return token;
}

function contentOf(content: Float32Array): Float32Array {
  const token = new Float32Array(WIDTH);
  token.set(content);
  return token;
}

/**
 * What a memory's unit adds to a state for each 1 it gives, in units of a token: so much that what stood there before is lost beside it.
 */
const LOUDNESS = 6.4;
/** Share of a token's spare numbers that a slot has of itself, so that it says next to nothing where no answer is known. */
const OF_ITSELF = 0.3;
/** How much longer than a token what says nothing is, in slots of captions of no words. */
const SILENT = 12;
/** The spare numbers of other places, beside which their words are lost. */
const ELSEWHERE_APART = 8192;
/** What the unit of other places gives for each 1 of a normed state. */
const ELSEWHERE_KEY = 256;
/** Weights that look at a state as the last norm of those that were trained does: it is made part of the keys. */
const PLAIN_NORM = { weight: new Float32Array(WIDTH).fill(1), bias: new Float32Array(WIDTH) };

/** Keys of classifiers, one after another, for states that are normed but neither scaled nor shifted. */
function keysOfHeads(trained: StageWeights, heads: readonly string[]): readonly Pick<Unit, 'key' | 'bias'>[] {
  const scale = trained.get('text_model.final_layer_norm.weight')!;
  const shift = trained.get('text_model.final_layer_norm.bias')!;
  return heads.flatMap((head) => {
    const weight = trained.get(`heads.${head}.weight`)!;
    return Array.from(trained.get(`heads.${head}.bias`)!, (bias, answer) => {
      // No key reads the place.
      const row = besidePlaces(weight.slice(answer * WIDTH, (answer + 1) * WIDTH), column);
      const key = row.map((value, i) => value * scale[i]!);
      return { key, bias: row.reduce((total, value, i) => total + value * shift[i]!, bias) };
    });
  });
}

/** What the memory is written from. */
export interface Codebook {
  readonly codes: AppearanceCodes;
  /** How many emoji there are. */
  readonly nouns: number;
}

/** Tokens without tags of everything that a slot can say, and of what length all of them are to be, tags included. */
function valuesOf({ codes, nouns }: Codebook) {
  const parts = Array.from({ length: CODE_PARTS }, (_, part) => {
    const drawings = Array.from({ length: nouns * STYLES.length }, (__, drawing) => {
      const code = codes.code(Math.floor(drawing / STYLES.length), STYLES[drawing % STYLES.length]!);
      return contentOf(code.subarray(part * CODE_LENGTH, (part + 1) * CODE_LENGTH));
    });
    return [...drawings, new Float32Array(WIDTH)];
  });
  const classes = CLASS_NAMES.map((name) => classSigns[name].map(contentOf));
  const tag = tagAt(0);
  const needed = [...parts, ...classes]
    .flat()
    .map((token) => leastSquare(sum(token, tag)))
    .reduce((largest, value) => Math.max(largest, value), 0);
  return { parts, classes, length: needed };
}

/** Units of the slots that answer with one of some contents, and of their tags. */
function memoryOf(
  keys: readonly Pick<Unit, 'key' | 'bias'>[],
  contents: readonly Float32Array[],
  { slots, length }: { readonly slots: readonly number[]; readonly length: number },
): readonly Unit[] {
  const apart = Math.sqrt(2 * length);
  const own = silence(OF_ITSELF * apart);
  const tags = slots.map((slot): Unit => ({
    key: gated(new Float32Array(WIDTH), [slot]),
    bias: ACTIVATION,
    value: scaledBy(LOUDNESS, sum(balanced(tagAt(slot)), own)),
  }));
  const tag = tagAt(slots[0]!);
  const answering = (answer: number, value: Float32Array): Unit => {
    const { key, bias } = keys[answer]!;
    return { key: gated(key, slots), bias, value: scaledBy(LOUDNESS, value) };
  };
  const answers = contents.map((content, answer) => {
    const beside = scaledBy(-1, sum(balanced(tag), own));
    return answering(answer, sum(filledUp(sum(content, tag), length), beside));
  });
  const empty = answering(contents.length, silence(SILENT * apart));
  return [...tags, ...answers, empty];
}

/** The unit that silences all places that are no slots. */
function elsewhere(): Unit {
  const key = gated(new Float32Array(WIDTH), []);
  // Its own place, in place of the weight that closes it.
  key[ELSEWHERE] = ELSEWHERE_KEY;
  key[NOWHERE]! -= CLOSED + ELSEWHERE_KEY;
  return { key, bias: 0, value: silence(ELSEWHERE_APART) };
}

/** A layer of a memory: attention that adds nothing, and the units. */
function memoryLayer(layer: number, units: readonly Unit[]): StageWeights {
  if (units.length > UNITS) throw new Error(`a layer has ${UNITS} units; the memory needs ${units.length}`);
  const inwards = new Float32Array(UNITS * WIDTH);
  const outwards = new Float32Array(WIDTH * UNITS);
  const bias = new Float32Array(UNITS);
  units.forEach((unit, i) => {
    inwards.set(unit.key, i * WIDTH);
    bias[i] = unit.bias;
    unit.value.forEach((value, row) => (outwards[row * UNITS + i] = value));
  });
  const none = ['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((name) => [
    [`self_attn.${name}.weight`, new Float32Array(WIDTH * WIDTH)] as const,
    [`self_attn.${name}.bias`, new Float32Array(WIDTH)] as const,
  ]);
  const norms = ['layer_norm1', 'layer_norm2'].flatMap((name) => [
    [`${name}.weight`, PLAIN_NORM.weight] as const,
    [`${name}.bias`, PLAIN_NORM.bias] as const,
  ]);
  const all = [
    ...none,
    ...norms,
    ['mlp.fc1.weight', inwards] as const,
    ['mlp.fc1.bias', bias] as const,
    ['mlp.fc2.weight', outwards] as const,
    ['mlp.fc2.bias', new Float32Array(WIDTH)] as const,
  ];
  return new Map(all.map(([name, values]) => [`text_model.encoder.layers.${layer}.${name}`, values]));
}

/** The layers that were trained, as a CLIPTextModel has them: what says the place is written in by the positions, and by no layer. */
function readingLayers(trained: StageWeights): StageWeights {
  const positions = new Float32Array(MAX_TOKENS * WIDTH);
  const rows = besidePlaces(trained.get('position_embedding.weight')!, column);
  for (let place = 0; place < MAX_TOKENS; place++) {
    const row = positionRow(place);
    positions.set(rows.subarray(row * WIDTH, (row + 1) * WIDTH), place * WIDTH);
    positions[place * WIDTH + placeNumber(place)] = PLACE_SIZE;
  }
  const all = new Map<string, Float32Array>([['text_model.embeddings.position_embedding.weight', positions]]);
  for (const [name, values] of trained) {
    if (!/^text_model\.(embeddings|encoder)/.test(name)) continue;
    if (name.endsWith('token_embedding.weight')) all.set(name, besidePlaces(values, column));
    else if (/(out_proj|fc2)\.bias$/.test(name)) all.set(name, besidePlaces(values, column));
    else if (name.endsWith('out_proj.weight'))
      all.set(
        name,
        besidePlaces(values, (i) => Math.floor(i / WIDTH)),
      );
    else if (/fc1\.(weight|bias)$/.test(name)) all.set(name, paddedRows(values, name.endsWith('bias') ? 1 : WIDTH));
    else if (name.endsWith('fc2.weight')) all.set(name, paddedColumns(values));
    else all.set(name, values);
  }
  return all;
}

/** `UNITS` rows, of which the last are 0. */
function paddedRows(values: Float32Array, width: number): Float32Array {
  const padded = new Float32Array(UNITS * width);
  padded.set(values);
  return padded;
}

/** `UNITS` columns, of which the last are 0, in rows beside the numbers of places. */
function paddedColumns(values: Float32Array): Float32Array {
  const units = values.length / WIDTH;
  const padded = new Float32Array(WIDTH * UNITS);
  for (let row = 0; row < PLACE_CODE; row++) padded.set(values.subarray(row * units, (row + 1) * units), row * UNITS);
  return padded;
}

/** The last norm: what it divides by, the length of every value, it multiplies by again. */
function lastNorm(length: number): StageWeights {
  const weight = new Float32Array(WIDTH).fill(Math.sqrt(length / WIDTH));
  for (const spare of SPARE) weight[spare] = 0;
  return new Map([
    ['text_model.final_layer_norm.weight', weight],
    ['text_model.final_layer_norm.bias', new Float32Array(WIDTH)],
  ]);
}

/**
 * The weights of a CLIPTextModel whose last states are the tokens that `captionTokens` has for what prompts say: two layers as trained, and after them a
 * layer for each part of a code that holds all drawings, its first feed-forward matrix the classifier's keys, its second the codes
 * (Geva et al. 2021, "Transformer feed-forward layers are key-value memories").
 * Why: docs/decisions/0169.
 * @param trained weights of the text stage, by name
 */
export function codebookEncoder(trained: StageWeights, codebook: Codebook): StageWeights {
  const { parts, classes, length } = valuesOf(codebook);
  const keys = keysOfHeads(trained, ['keys', 'others']);
  const layers = parts.map((contents, part) => {
    const things = memoryOf(keys, contents, { slots: [SLOT_A + part, SLOT_B + part], length });
    const answers = classes.flatMap((answered, i) =>
      memoryOf(keysOfHeads(trained, [CLASS_NAMES[i]!]), answered, { slots: [SLOT_CLASSES + i], length }),
    );
    return [...things, ...(part === 0 ? answers : []), ...(part === CODE_PARTS - 1 ? [elsewhere()] : [])];
  });
  return new Map([
    ...readingLayers(trained),
    ...layers.flatMap((units, part) => [...memoryLayer(READING_LAYERS + part, units)]),
    ...lastNorm(length),
  ]);
}

/** Layers of the encoder that `withoutMemory` gives. */
export const LAYERS_WITHOUT_MEMORY = READING_LAYERS + 1;

/** The weights of the encoder without its memory, whose state where a text ends is what that of `codebookEncoder` is, in half the layers. */
export function withoutMemory(trained: StageWeights, codebook: Codebook): StageWeights {
  const { length } = valuesOf(codebook);
  return new Map([...readingLayers(trained), ...memoryLayer(READING_LAYERS, [elsewhere()]), ...lastNorm(length)]);
}
