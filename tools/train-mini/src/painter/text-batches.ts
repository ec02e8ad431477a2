import { randomStream } from '@lascaux/data';
import { painterCaption, painterScene, STYLES, type CaptionSource, type SceneShares } from '@lascaux/scenes';
import type { ClipTokenizer } from '@lascaux/text-encoder';
import type { BatchFunction } from '@lascaux/training';
import type { AppearanceCodes } from './appearance.js';
import { codesOfAll } from './appearance.js';
import {
  answerTokens,
  captionTokens,
  CLASS_NAMES,
  FIRST_SLOT,
  MAX_TOKENS,
  sceneClasses,
  secondThing,
  SLOTS,
  TOKEN_LENGTH,
} from './slot-tokens.js';
import { plainScene, wordDrawer } from './word-drawer.js';

/** What captions speak of: half of two things, which are the hardest to keep apart. */
const SHARES: SceneShares = { single: 0.4, count: 0.1, coloured: 0.25, white: 0.4 };
/** How much it counts that there is no thing B, beside what thing B is. */
const NO_B = 0.2;

/** Share of single words: there are tens of thousands, which captions alone name too seldom. */
const WORDS = 0.25;

/** Share of captions of no words, for guidance (Ho and Salimans 2021). */
const EMPTY = 0.01;

/** Weights of places: of a slot that tells of no thing, of a class's, of the end of the text, of those with words. */
const [NO_THING, CLASS, END, WORD] = [0.2, 0.3, 0.6, 0.05];
/** Weights of the slots with the parts of a thing's code, which say less and less. */
const PARTS = [2, 1, 0.6, 0.4];
/** How much slots before the last count. */
const REPEATED = 0.1;

/** Options of `textBatches`. */
export interface TextBatchOptions {
  readonly source: CaptionSource;
  readonly codes: AppearanceCodes;
  readonly tokenizer: ClipTokenizer;
  /** How many emoji there are. */
  readonly nouns: number;
  readonly batchSize: number;
  readonly seed: number;
}

/** Weights of a caption's places. */
function placeWeights(end: number, hasSecond: boolean): Float32Array {
  const ofB = PARTS.map((weight) => (hasSecond ? weight : NO_THING * weight));
  const bySlot = [...PARTS, ...ofB, ...CLASS_NAMES.map(() => CLASS)];
  return Float32Array.from({ length: MAX_TOKENS }, (_, place) => {
    if (place >= FIRST_SLOT) return bySlot[place % SLOTS]!;
    if (place > end) return REPEATED * bySlot[place % SLOTS]!;
    return place === end ? END : WORD;
  });
}

/** Endless captions with what their places are to hold, a pure function of the images seen. */
export function textBatches({ source, codes, tokenizer, nouns, batchSize, seed }: TextBatchOptions): BatchFunction {
  const draw = wordDrawer({ lexicon: source.lexicon, tokenizer, nouns });
  const fixed = {
    drawings: codesOfAll(codes, nouns),
    answers: answerTokens(),
  };
  return ({ imagesSeen }) => {
    const ids = new BigInt64Array(batchSize * MAX_TOKENS);
    const tokens = new Float32Array(batchSize * MAX_TOKENS * TOKEN_LENGTH);
    const weights = new Float32Array(batchSize * MAX_TOKENS);
    const [said, weightB] = [new Float32Array(batchSize), new Float32Array(batchSize)];
    const numbers: Record<string, BigInt64Array> = {};
    const put = (name: string, k: number, value: number): void => {
      (numbers[name] ??= new BigInt64Array(batchSize))[k] = BigInt(value);
    };
    for (let k = 0; k < batchSize; k++) {
      const index = imagesSeen + k;
      const random = randomStream(`caption/${seed}/${index}`);
      const isEmpty = random.next() < EMPTY;
      const word = random.next() < WORDS ? draw(random) : undefined;
      const scene =
        word === undefined ? painterScene({ seed, count: nouns, shares: SHARES }, index) : plainScene(word.emoji);
      const caption = isEmpty ? '' : (word?.text ?? painterCaption(scene, source, random));
      const row = tokenizer.encode(caption).ids;
      row.forEach((id, i) => (ids[k * MAX_TOKENS + i] = BigInt(id)));
      const end = row.indexOf(tokenizer.endId);
      const [a, b] = [scene.items[0]!, secondThing(scene)];
      said[k] = isEmpty ? 0 : 1;
      weightB[k] = isEmpty || b === undefined ? NO_B : 1;
      tokens.set(captionTokens(isEmpty ? undefined : scene, end, codes), k * MAX_TOKENS * TOKEN_LENGTH);
      weights.set(placeWeights(end, b !== undefined), k * MAX_TOKENS);
      const drawing = (emoji: number): number => emoji * STYLES.length + STYLES.indexOf(scene.style);
      const things = { A: isEmpty ? undefined : a, B: isEmpty ? undefined : b };
      for (const [name, thing] of Object.entries(things)) {
        put(`noun${name}`, k, thing?.emoji ?? nouns);
        put(`drawing${name}`, k, thing === undefined ? nouns * STYLES.length : drawing(thing.emoji));
      }
      for (const [name, value] of Object.entries(sceneClasses(scene))) put(name, k, value);
    }
    return { inputs: { ids, tokens, weights, said, weightB, ...fixed, ...numbers }, images: batchSize };
  };
}
