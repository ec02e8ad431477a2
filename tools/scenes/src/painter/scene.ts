import { randomStream, type RandomStream } from '@lascaux/data';
import { STYLES, type Style } from '../art.js';
import { GROUNDS } from '../grounds.js';
import { FULL_SIDES, HALF_SIDES } from './atlas.js';
import { THING_COLOURS } from './colours.js';

/** Pixels of an image's side. */
export const IMAGE_SIDE = 256;
/** The box of a half-size drawing; boxes begin at multiples of a latent cell, so that one drawing has one latent pattern wherever it stands. */
const BOX = IMAGE_SIDE / 2;
/** Pixels of a latent cell's side. */
const CELL = 32;

/** Where the first thing is, seen from the second. */
export const RELATIONS = ['left', 'right', 'above', 'below', 'front', 'and'] as const;
/** One of the relations. */
export type Relation = (typeof RELATIONS)[number];
/** The kinds of a scene. */
export type SceneKind = 'single' | 'count' | 'relation';

/** A drawing in the image; whole pixels. */
export interface PlacedDrawing {
  /** Which emoji, by its place in the list. */
  readonly emoji: number;
  /** Name of the colour that it is turned to; null: its own. */
  readonly colour: string | null;
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** Everything that an image and its captions are made from. */
export interface PainterScene {
  readonly kind: SceneKind;
  readonly style: Style;
  readonly ground: string;
  /** Null unless the kind is `relation`. */
  readonly relation: Relation | null;
  readonly items: readonly PlacedDrawing[];
}

/** Shares of what scenes show; each in 0…1. */
export interface SceneShares {
  /** Of the kinds; the rest are relations. */
  readonly single: number;
  readonly count: number;
  /** Of things that are turned to another colour. */
  readonly coloured: number;
  /** Of scenes on white; the other grounds share the rest. */
  readonly white: number;
}

const pick = <T>(values: readonly T[], random: RandomStream): T => values[random.below(values.length)] as T;
/** −reach … reach, whole. */
const offset = (reach: number, random: RandomStream): number => random.below(2 * reach + 1) - reach;

/** Pixels by which a drawing may be off the middle. */
const FULL_REACH = 6;
const HALF_REACH = 3;

type Corner = readonly [x: number, y: number];
const middle = (BOX / 2 / CELL) * CELL;

const COUNT_BOXES: Readonly<Record<number, readonly Corner[]>> = {
  2: [
    [0, middle],
    [BOX, middle],
  ],
  3: [
    [middle, 0],
    [0, BOX],
    [BOX, BOX],
  ],
  4: [
    [0, 0],
    [BOX, 0],
    [0, BOX],
    [BOX, BOX],
  ],
};

/** The things of a scene do not hide each other, so that each looks as it does alone; what stands in front stands lower. */
const RELATION_BOXES: Readonly<Record<Relation, readonly [Corner, Corner]>> = {
  left: [
    [0, middle],
    [BOX, middle],
  ],
  right: [
    [BOX, middle],
    [0, middle],
  ],
  above: [
    [middle, 0],
    [middle, BOX],
  ],
  below: [
    [middle, BOX],
    [middle, 0],
  ],
  front: [
    [0, BOX],
    [BOX, 0],
  ],
  and: [
    [0, middle],
    [BOX, middle],
  ],
};

/** Boxes of the things of a scene, in their order; none where one thing fills the image. */
export const boxesOf = (kind: SceneKind, count: number, relation: Relation | null): readonly Corner[] =>
  kind === 'count' ? COUNT_BOXES[count]! : relation === null ? [] : RELATION_BOXES[relation];

type Thing = Pick<PlacedDrawing, 'emoji' | 'colour'>;

/** How things are put into their places. */
interface Placing {
  readonly inBox: (thing: Thing, corner: Corner) => PlacedDrawing;
  /** Over the whole image. */
  readonly filling: (thing: Thing) => PlacedDrawing;
}

const inBox = (thing: Thing, [x, y]: Corner, side: number): PlacedDrawing => {
  const margin = (BOX - side) / 2;
  return { ...thing, side, x: x + margin, y: y + margin };
};

const filling = (thing: Thing, side: number): PlacedDrawing => {
  const margin = (IMAGE_SIDE - side) / 2;
  return { ...thing, side, x: margin, y: margin };
};

/** In the middle, in one size. */
const steadily: Placing = {
  inBox: (thing, corner) => inBox(thing, corner, HALF_SIDES.at(-1)!),
  filling: (thing) => filling(thing, FULL_SIDES.at(-1)!),
};

/** A little off the middle, in any of the sizes. */
const loosely = (random: RandomStream): Placing => {
  const moved = (placed: PlacedDrawing, reach: number): PlacedDrawing => {
    const [dx, dy] = [offset(reach, random), offset(reach, random)];
    return { ...placed, x: placed.x + dx, y: placed.y + dy };
  };
  return {
    inBox: (thing, corner) => moved(inBox(thing, corner, pick(HALF_SIDES, random)), HALF_REACH),
    filling: (thing) => moved(filling(thing, pick(FULL_SIDES, random)), FULL_REACH),
  };
};

/** What of a scene is drawn by lot before the things' places. */
function arranged(
  { kind, relation, things }: { kind: SceneKind; relation: Relation | null; things: readonly Thing[] },
  random: RandomStream,
  isSteady: boolean,
): readonly PlacedDrawing[] {
  const placing = isSteady ? steadily : loosely(random);
  const first = things[0]!;
  if (kind === 'single') return [placing.filling(first)];
  const boxes = boxesOf(kind, 2 + (kind === 'count' ? random.below(3) : 0), relation);
  return boxes.map((box, i) => placing.inBox(kind === 'count' ? first : things[i]!, box));
}

/** What `aloneScene` shows. */
export interface AloneThing {
  readonly emoji: number;
  readonly style: Style;
  readonly ground: string;
  /** Half as large, in the middle. */
  readonly isHalf: boolean;
}

/** A thing alone in its own colours, standing as in steady scenes. */
export function aloneScene({ emoji, style, ground, isHalf }: AloneThing): PainterScene {
  const thing = { emoji, colour: null };
  const placed = isHalf ? steadily.inBox(thing, [middle, middle]) : steadily.filling(thing);
  return { kind: 'single', style, ground, relation: null, items: [placed] };
}

/** What scenes are drawn from. */
export interface SceneSource {
  readonly seed: number;
  /** How many emoji there are. */
  readonly count: number;
  readonly shares: SceneShares;
  /** Things stand in the middle of their places, in one size; default: a little off it, in several sizes. */
  readonly isSteady?: boolean;
  /** Scenes that are drawn anew; default: none. */
  readonly refuses?: (scene: PainterScene) => boolean;
}

/** So many scenes may be refused one after another. */
const MOST_REFUSED = 1000;

function draw({ seed, count, shares, isSteady = false }: SceneSource, index: number, attempt: number): PainterScene {
  const random = randomStream(`painter/${seed}/${index}${attempt === 0 ? '' : `/${attempt}`}`);
  const roll = random.next();
  const kind = roll < shares.single ? 'single' : roll < shares.single + shares.count ? 'count' : 'relation';
  const relation = kind === 'relation' ? pick(RELATIONS, random) : null;
  const first = random.below(count);
  const second = (first + 1 + random.below(count - 1)) % count;
  const things = [first, second].map((emoji) => ({
    emoji,
    colour: random.next() < shares.coloured ? pick(THING_COLOURS, random).name : null,
  }));
  const ground = random.next() < shares.white ? GROUNDS[0]! : pick(GROUNDS.slice(1), random);
  const style = pick(STYLES, random);
  return { kind, style, ground: ground.name, relation, items: arranged({ kind, relation, things }, random, isSteady) };
}

/**
 * Scene `index` of a source: a pure function of its arguments. The items stand in the order of the caption.
 * @throws when the source refuses a thousand scenes for the index
 */
export function painterScene(source: SceneSource, index: number): PainterScene {
  for (let attempt = 0; attempt < MOST_REFUSED; attempt++) {
    const scene = draw(source, index, attempt);
    if (source.refuses?.(scene) !== true) return scene;
  }
  throw new Error(`scenes: of ${MOST_REFUSED} scenes for one index some must be allowed, got none`);
}
