import { randomStream, type RandomStream } from '@lascaux/data';
import {
  faintness,
  FULL_SIDES,
  GROUNDS,
  HALF_SIDES,
  paintScene,
  STYLES,
  THING_COLOURS,
  thumbnails,
  type Atlas,
  type PainterScene,
} from '@lascaux/scenes';
import type { Renders } from './renders.js';

/** Pixels of an image's side, and of a quarter's, which is what the judges are shown. */
const IMAGE_SIDE = 256;
export const QUARTER_SIDE = IMAGE_SIDE / 2;
/** Furthest from the middle, of a drawing that fills a quarter. */
const REACH = 4;

const SHARES = { coloured: 0.3, white: 0.35, full: 0.4 } as const;

const pick = <T>(values: readonly T[], random: RandomStream): T => values[random.below(values.length)] as T;

/** The upper left quarter of an image [256, 256, 3]. */
function quarter(bytes: Uint8Array): Uint8Array {
  const part = new Uint8Array(QUARTER_SIDE * QUARTER_SIDE * 3);
  for (let row = 0; row < QUARTER_SIDE; row++)
    part.set(bytes.subarray(row * IMAGE_SIDE * 3, (row * IMAGE_SIDE + QUARTER_SIDE) * 3), row * QUARTER_SIDE * 3);
  return part;
}

/** An image [256, 256, 3] at half its size, each pixel the mean of four. */
export function halved(bytes: Uint8Array): Uint8Array {
  const small = new Uint8Array(QUARTER_SIDE * QUARTER_SIDE * 3);
  const row = IMAGE_SIDE * 3;
  for (let y = 0; y < QUARTER_SIDE; y++) {
    for (let x = 0; x < QUARTER_SIDE; x++) {
      for (let c = 0; c < 3; c++) {
        const at = 2 * y * row + 6 * x + c;
        const sum = bytes[at]! + bytes[at + 3]! + bytes[at + row]! + bytes[at + row + 3]!;
        small[(y * QUARTER_SIDE + x) * 3 + c] = (sum + 2) >> 2;
      }
    }
  }
  return small;
}

/**
 * Single drawings as a judge of 128 pixels sees them: those that fill an image at half their size, and those that fill a quarter of it as they
 * are, in every style, on every ground, some turned to a colour; none that can hardly be seen.
 */
export function painterRenders(atlas: Atlas, seed: number): Renders {
  const nouns = atlas.emojis.map(({ label }) => label);
  const isFaint = faintness(thumbnails(atlas));

  function scene(random: RandomStream): PainterScene {
    const isFull = random.next() < SHARES.full;
    const [sides, room, reach] = isFull ? [FULL_SIDES, IMAGE_SIDE, 2 * REACH] : [HALF_SIDES, QUARTER_SIDE, REACH];
    const side = pick(sides, random);
    const [x, y] = [0, 1].map(() => (room - side) / 2 + random.below(2 * reach + 1) - reach) as [number, number];
    const colour = random.next() < SHARES.coloured ? pick(THING_COLOURS, random).name : null;
    const ground = random.next() < SHARES.white ? GROUNDS[0]! : pick(GROUNDS, random);
    const items = [{ emoji: random.below(nouns.length), colour, x, y, side }];
    return { kind: 'single', style: pick(STYLES, random), ground: ground.name, relation: null, items };
  }

  return {
    nouns,
    render: (index) => {
      const random = randomStream(`judge/${seed}/${index}`);
      let shown = scene(random);
      while (isFaint(shown)) shown = scene(random);
      const [item] = shown.items;
      const bytes = paintScene(atlas, shown);
      const small = item!.side > QUARTER_SIDE ? halved(bytes) : quarter(bytes);
      return Promise.resolve({ bytes: small, noun: nouns[item!.emoji]! });
    },
  };
}
