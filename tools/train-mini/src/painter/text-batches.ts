import { randomStream } from '@lascaux/data';
import { painterCaption, painterScene, STYLES, type CaptionSource, type SceneShares } from '@lascaux/scenes';
import type { ClipTokenizer } from '@lascaux/text-encoder';
import type { BatchFunction } from '@lascaux/training';
import { CODE_PARTS } from './appearance.js';
import {
  CLASS_NAMES,
  CLASSES,
  FIRST_SLOT,
  MAX_TOKENS,
  sceneClasses,
  secondThing,
  SLOT_A,
  SLOT_B,
  SLOT_CLASSES,
} from './slot-tokens.js';
import { EMPTY, NONE, PICKS } from './text-network.js';
import { plainScene, wordDrawer } from './word-drawer.js';

/** What captions speak of; counts are the only ones in which most things are called by their plurals. */
export const CAPTION_SHARES: SceneShares = { single: 0.3, count: 0.25, coloured: 0.25, white: 0.4 };

/** Share of single words: there are tens of thousands, which captions alone name too seldom. */
const WORDS = 0.25;

/** Share of captions of no words, for guidance (Ho and Salimans 2021). */
const NO_WORDS = 0.01;

/** Options of `textBatches`. */
export interface TextBatchOptions {
  readonly source: CaptionSource;
  readonly tokenizer: ClipTokenizer;
  /** How many emoji there are. */
  readonly nouns: number;
  readonly batchSize: number;
  readonly seed: number;
}

/** The places at which a caption is read, with the slots of one of the parts of the things' codes. */
export const placesRead = (end: number, part: number): readonly number[] => [
  FIRST_SLOT + SLOT_A + part,
  FIRST_SLOT + SLOT_B + part,
  end,
  ...CLASS_NAMES.map((_, i) => FIRST_SLOT + SLOT_CLASSES + i),
];

/** Rows of 0 with a 1 at the places at which captions are read, [captions, PICKS, MAX_TOKENS]. */
export function picksOf(places: readonly (readonly number[])[]): Float32Array {
  const picks = new Float32Array(places.length * PICKS * MAX_TOKENS);
  places.forEach((row, k) => row.forEach((place, i) => (picks[(k * PICKS + i) * MAX_TOKENS + place] = 1)));
  return picks;
}

/** Endless captions with what they say, a pure function of the images seen. */
export function textBatches({ source, tokenizer, nouns, batchSize, seed }: TextBatchOptions): BatchFunction {
  const draw = wordDrawer({ lexicon: source.lexicon, tokenizer, nouns });
  return ({ imagesSeen }) => {
    const ids = new BigInt64Array(batchSize * MAX_TOKENS);
    const hasB = new Float32Array(batchSize);
    const places: (readonly number[])[] = [];
    const numbers: Record<string, BigInt64Array> = {};
    const put = (name: string, k: number, value: number): void => {
      (numbers[name] ??= new BigInt64Array(batchSize))[k] = BigInt(value);
    };
    for (let k = 0; k < batchSize; k++) {
      const index = imagesSeen + k;
      const random = randomStream(`caption/${seed}/${index}`);
      const isEmpty = random.next() < NO_WORDS;
      const word = random.next() < WORDS ? draw(random) : undefined;
      const scene =
        word === undefined
          ? painterScene({ seed, count: nouns, shares: CAPTION_SHARES }, index)
          : plainScene(word.emoji);
      const caption = isEmpty ? '' : (word?.text ?? painterCaption(scene, source, random));
      const row = tokenizer.encode(caption).ids;
      row.forEach((id, i) => (ids[k * MAX_TOKENS + i] = BigInt(id)));
      places.push(placesRead(row.indexOf(tokenizer.endId), random.below(CODE_PARTS)));
      const things = isEmpty ? {} : { A: scene.items[0], B: secondThing(scene) };
      hasB[k] = things.B === undefined ? 0 : 1;
      for (const name of ['A', 'B'] as const) {
        const emoji = things[name]?.emoji;
        const other = nouns * STYLES.length + (isEmpty ? EMPTY : NONE);
        put(`noun${name}`, k, emoji ?? nouns);
        put(`drawing${name}`, k, emoji === undefined ? other : emoji * STYLES.length + STYLES.indexOf(scene.style));
      }
      const said = sceneClasses(scene);
      for (const name of CLASS_NAMES) put(name, k, isEmpty ? CLASSES[name] : said[name]);
    }
    return { inputs: { ids, picks: picksOf(places), hasB, ...numbers }, images: batchSize };
  };
}
