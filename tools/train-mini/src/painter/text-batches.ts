import { randomStream } from '@lascaux/data';
import {
  GROUNDS,
  painterCaption,
  painterScene,
  PLAIN_GROUND,
  PLAIN_STYLE,
  RELATIONS,
  STYLES,
  THING_COLOURS,
  type CaptionSource,
  type PainterScene,
  type SceneShares,
} from '@lascaux/scenes';
import type { ClipTokenizer } from '@lascaux/text-encoder';
import type { BatchFunction } from '@lascaux/training';
import type { AppearanceCodes } from './appearance.js';
import { CODE_LENGTH, codesOfAll } from './appearance.js';
import { MAX_TOKENS } from './text-network.js';
import { wordDrawer } from './word-drawer.js';

/** What captions speak of: half single things, since their words are the most. */
const SHARES: SceneShares = { single: 0.55, count: 0.15, coloured: 0.25, white: 0.4 };

/** Share of single words: there are tens of thousands, which captions alone name too seldom. */
const WORDS = 0.25;

/** What a word alone shows. */
const plainScene = (emoji: number): PainterScene => ({
  kind: 'single',
  style: PLAIN_STYLE,
  ground: PLAIN_GROUND,
  relation: null,
  items: [{ emoji, colour: null, x: 0, y: 0, side: 0 }],
});

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

/** Number of a colour; the last one for its own. */
const colourNumber = (colour: string | null | undefined): number =>
  colour == null ? THING_COLOURS.length : THING_COLOURS.findIndex(({ name }) => name === colour);

/** The classes of a scene by name, as numbers. */
function classesOf({ kind, style, ground, relation, items }: PainterScene): Readonly<Record<string, number>> {
  return {
    style: STYLES.indexOf(style),
    ground: GROUNDS.findIndex(({ name }) => name === ground),
    count: kind === 'count' ? items.length - 1 : 0,
    relation: relation === null ? RELATIONS.length : RELATIONS.indexOf(relation),
    colourA: colourNumber(items[0]?.colour),
    colourB: colourNumber(kind === 'relation' ? items[1]?.colour : null),
  };
}

/** Endless captions with what their slots are to hold, a pure function of the images seen. */
export function textBatches({ source, codes, tokenizer, nouns, batchSize, seed }: TextBatchOptions): BatchFunction {
  const draw = wordDrawer({ lexicon: source.lexicon, tokenizer, nouns });
  const drawings = codesOfAll(codes, nouns);
  return ({ imagesSeen }) => {
    const ids = new BigInt64Array(batchSize * MAX_TOKENS);
    const codeA = new Float32Array(batchSize * CODE_LENGTH);
    const codeB = new Float32Array(batchSize * CODE_LENGTH);
    const [ownColourA, ownColourB] = [new Float32Array(batchSize), new Float32Array(batchSize)];
    const numbers: Record<string, BigInt64Array> = {};
    const put = (name: string, k: number, value: number): void => {
      (numbers[name] ??= new BigInt64Array(batchSize))[k] = BigInt(value);
    };
    for (let k = 0; k < batchSize; k++) {
      const index = imagesSeen + k;
      const random = randomStream(`caption/${seed}/${index}`);
      const word = random.next() < WORDS ? draw(random) : undefined;
      const scene =
        word === undefined ? painterScene({ seed, count: nouns, shares: SHARES }, index) : plainScene(word.emoji);
      const caption = word?.text ?? painterCaption(scene, source, random);
      tokenizer.encode(caption).ids.forEach((id, i) => (ids[k * MAX_TOKENS + i] = BigInt(id)));
      const [a, second] = scene.items;
      const b = scene.kind === 'relation' ? second : undefined;
      codeA.set(codes.code(a!.emoji, scene.style, a!.colour), k * CODE_LENGTH);
      if (b !== undefined) codeB.set(codes.code(b.emoji, scene.style, b.colour), k * CODE_LENGTH);
      const drawing = (emoji: number): number => emoji * STYLES.length + STYLES.indexOf(scene.style);
      put('nounA', k, a!.emoji);
      put('nounB', k, b?.emoji ?? nouns);
      put('drawingA', k, drawing(a!.emoji));
      put('drawingB', k, b === undefined ? nouns * STYLES.length : drawing(b.emoji));
      ownColourA[k] = a!.colour === null ? 1 : 0;
      ownColourB[k] = (b?.colour ?? null) === null ? 1 : 0;
      for (const [name, value] of Object.entries(classesOf(scene))) put(name, k, value);
    }
    return {
      inputs: { ids, codeA, codeB, ownColourA, ownColourB, drawings, ...numbers },
      images: batchSize,
    };
  };
}
