import type { Style } from './art.js';
import type { FaintLooks } from './faint.js';
import { GROUNDS, PLAIN_GROUND } from './grounds.js';
import { heldOutLooks, LOOKS, lookKey, type Look } from './heldout.js';
import type { Noun } from './nouns.js';
import type { SceneOptions } from './options.js';
import { randomStream, type RandomStream } from '@lascaux/data';

/** Which side of the held-out line a scene is on. */
export type Split = 'train' | 'test';
/** Where the first noun is, seen from the second. */
export type Relation = 'to the left of' | 'to the right of' | 'above' | 'below' | 'next to';
/** The kind of a scene. */
export type SceneKind = 'single' | 'several' | 'relation';

/** One drawing in the frame; all lengths in units of the frame's side, y downwards. */
export interface Item {
  readonly word: string;
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly mirrored: boolean;
}

/** Everything a picture and its caption are made from. */
export interface Scene {
  readonly kind: SceneKind;
  readonly style: Style;
  readonly ground: string;
  readonly relation: Relation | null;
  readonly items: readonly Item[];
}

/** A factory of scenes over a fixed noun list. */
export interface SceneMaker {
  /** Scene `index` of a seed: a pure function of its arguments and the maker's nouns and options. */
  scene(seed: number, index: number, split?: Split): Scene;
}

type Cell = Omit<Item, 'word' | 'mirrored'>;
const RELATIONS: readonly Relation[] = ['to the left of', 'to the right of', 'above', 'below', 'next to'];

/**
 * Makes scenes of these nouns, never in a look where a noun is faint (`findFaintLooks`; none unless given).
 * Throws when the options leave no kind of scene possible.
 */
export function createSceneMaker(
  nouns: readonly Noun[],
  options: SceneOptions,
  faint: FaintLooks = new Map(),
): SceneMaker {
  const weights = LOOKS.map((look) => lookWeight(look, options));
  const heldOut = new Map(nouns.map((noun) => [noun.word, heldOutLooks(noun.word, options.heldOutSeed)]));
  const countable = nouns.filter((noun) => noun.many !== null);
  const kinds: readonly SceneKind[] = ['single', 'several', 'relation'];
  const kindWeights = [options.singles, options.several, options.relations];
  if (sum(weights) <= 0) throw new Error('scenes: some style and some ground must have a weight above 0, got none');
  if (sum(kindWeights) <= 0) throw new Error('scenes: one of singles, several, relations must be above 0, got all 0');
  if (options.several > 0 && countable.length === 0)
    throw new Error('scenes: several needs a noun with a plural, got none');
  if (options.relations > 0 && nouns.length < 2)
    throw new Error(`scenes: relations needs 2 nouns, got ${nouns.length}`);

  const isHeldOut = (noun: Noun, look: Look): boolean => heldOut.get(noun.word)?.has(lookKey(look)) ?? false;

  /** A look for these nouns: in training none of them is held out, in the test split the first is. */
  const pickLook = (chosen: readonly Noun[], split: Split, random: RandomStream): Look | null => {
    const allowed = LOOKS.map((look, i) => {
      const fits = split === 'test' ? isHeldOut(chosen[0]!, look) : !chosen.some((noun) => isHeldOut(noun, look));
      return fits && !chosen.some((noun) => faint.get(noun.word)?.has(lookKey(look))) ? weights[i]! : 0;
    });
    return sum(allowed) > 0 ? LOOKS[weighted(allowed, random)]! : null;
  };

  const scene = (seed: number, index: number, split: Split = 'train'): Scene => {
    const random = randomStream(`scene/${seed}/${split}/${index}`);
    const kind = kinds[weighted(kindWeights, random)]!;
    for (let attempt = 0; attempt < 1000; attempt++) {
      const chosen = pickNouns(kind === 'several' ? countable : nouns, kind === 'relation' ? 2 : 1, random);
      const look = pickLook(chosen, split, random);
      if (look) return { kind, ...look, ...arrange(kind, chosen, { options, random }) };
    }
    throw new Error(`scenes: the ${split} split must have a combination with a weight above 0, got none in 1000 tries`);
  };
  return { scene };
}

function pickNouns(nouns: readonly Noun[], count: number, random: RandomStream): Noun[] {
  const first = random.below(nouns.length);
  if (count === 1) return [nouns[first]!];
  const second = (first + 1 + random.below(nouns.length - 1)) % nouns.length;
  return [nouns[first]!, nouns[second]!];
}

function arrange(
  kind: SceneKind,
  nouns: readonly Noun[],
  { options, random }: { options: SceneOptions; random: RandomStream },
): Pick<Scene, 'relation' | 'items'> {
  const place = (noun: Noun, box: Cell): Item => ({
    word: noun.word,
    ...jittered(box, options.jitter, random),
    mirrored: random.next() < options.mirror,
  });
  if (kind === 'single') return { relation: null, items: [place(nouns[0]!, { x: 0.5, y: 0.5, scale: 1 })] };
  if (kind === 'several') {
    return { relation: null, items: severalCells(2 + random.below(2)).map((box) => place(nouns[0]!, box)) };
  }
  const relation = RELATIONS[random.below(RELATIONS.length)]!;
  const boxes = relationCells(relation, random);
  return { relation, items: nouns.map((noun, i) => place(noun, boxes[i]!)) };
}

/** Two side by side, or three in a triangle. */
function severalCells(count: number): Cell[] {
  const pair = (y: number): Cell[] => [0.26, 0.74].map((x) => ({ x, y, scale: 0.52 }));
  return count === 2 ? pair(0.5) : [{ x: 0.5, y: 0.26, scale: 0.52 }, ...pair(0.74)];
}

function relationCells(relation: Relation, random: RandomStream): [Cell, Cell] {
  const low: Cell = { x: 0.26, y: 0.5, scale: 0.52 };
  const high: Cell = { x: 0.74, y: 0.5, scale: 0.52 };
  const upright = ({ x, y, scale }: Cell): Cell => ({ x: y, y: x, scale });
  if (relation === 'above') return [upright(low), upright(high)];
  if (relation === 'below') return [upright(high), upright(low)];
  const firstIsLeft = relation === 'to the left of' || (relation === 'next to' && random.next() < 0.5);
  return firstIsLeft ? [low, high] : [high, low];
}

/** A drawing's place within its box: size and offset grow apart with the jitter and never leave the box. */
function jittered(box: Cell, jitter: number, random: RandomStream): Cell {
  const scale = random.between(0.85 - 0.3 * jitter, 0.85 + 0.1 * jitter);
  const reach = (jitter * (1 - scale)) / 2;
  return {
    x: round(box.x + box.scale * random.between(-reach, reach)),
    y: round(box.y + box.scale * random.between(-reach, reach)),
    scale: round(box.scale * scale),
  };
}

function lookWeight(look: Look, options: SceneOptions): number {
  const ground = look.ground === PLAIN_GROUND ? options.white : (1 - options.white) / (GROUNDS.length - 1);
  return options.styles[look.style] * ground;
}

/** An index drawn with probability proportional to its weight. */
function weighted(weights: readonly number[], random: RandomStream): number {
  let rest = random.next() * sum(weights);
  const index = weights.findIndex((weight) => weight > 0 && (rest -= weight) < 0);
  return index >= 0 ? index : weights.findLastIndex((weight) => weight > 0);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
/** Four decimals say a place to 1/100 of a pixel, and keep the metadata short. */
const round = (value: number): number => Math.round(value * 1e4) / 1e4;
