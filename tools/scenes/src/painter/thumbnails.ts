import { STYLES, type Style } from '../art.js';
import { FULL_SIDES, type Atlas } from './atlas.js';
import { recolour, THING_COLOURS } from './colours.js';

/** Pixels of a thumbnail's side. */
export const THUMBNAIL_SIDE = 32;
const CHANNELS = 4;
const LARGEST = FULL_SIDES.at(-1) as number;
/** Pixels of the drawing that one of a thumbnail averages, along an axis. */
const CELL = LARGEST / THUMBNAIL_SIDE;
/** Numbers of a thumbnail. */
export const THUMBNAIL_LENGTH = THUMBNAIL_SIDE * THUMBNAIL_SIDE * CHANNELS;

/** The mean over a cell: colour weighted by alpha. */
function average(rgba: Uint8Array, row: number, column: number): readonly number[] {
  const sums = [0, 0, 0, 0];
  for (let y = row * CELL; y < (row + 1) * CELL; y++) {
    for (let x = column * CELL; x < (column + 1) * CELL; x++) {
      const at = (y * LARGEST + x) * CHANNELS;
      const alpha = rgba[at + 3]!;
      for (let c = 0; c < 3; c++) sums[c]! += rgba[at + c]! * alpha;
      sums[3]! += alpha;
    }
  }
  const [r, g, b, alpha] = sums as [number, number, number, number];
  return alpha === 0 ? [0, 0, 0, 0] : [r / alpha, g / alpha, b / alpha, alpha / CELL ** 2];
}

function shrunk(rgba: Uint8Array): Uint8Array {
  const small = new Uint8Array(THUMBNAIL_LENGTH);
  for (let row = 0; row < THUMBNAIL_SIDE; row++)
    for (let column = 0; column < THUMBNAIL_SIDE; column++)
      small.set(average(rgba, row, column).map(Math.round), (row * THUMBNAIL_SIDE + column) * CHANNELS);
  return small;
}

/** Small copies of all drawings. */
export interface Thumbnails {
  /** The drawing of emoji `index` in a style and, unless null, a colour: [32, 32, 4] with colour times alpha, all in 0…1. */
  values(index: number, style: Style, colour: string | null): Float32Array;
}

/** Shrinks every drawing of an atlas; some seconds. */
export function thumbnails(atlas: Atlas): Thumbnails {
  const all = atlas.emojis.flatMap((_, index) => STYLES.map((style) => shrunk(atlas.drawing(index, style, LARGEST))));
  return {
    values: (index, style, colour) => {
      const rgba = all[index * STYLES.length + STYLES.indexOf(style)]!.slice();
      const wanted = THING_COLOURS.find(({ name }) => name === colour);
      if (wanted !== undefined) recolour(rgba, wanted);
      return Float32Array.from(rgba, (value, i) =>
        i % CHANNELS === 3 ? value / 255 : (value * rgba[i - (i % CHANNELS) + 3]!) / 255 ** 2,
      );
    },
  };
}
