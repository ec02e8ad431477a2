import { STYLES } from '@lascaux/scenes';
import { CODE_LENGTH, CODE_PARTS, type AppearanceCodes } from './appearance.js';
import type { DrawingLatents } from './drawing-latents.js';
import { LATENT_CHANNELS as CHANNELS, LATENT_SIDE as SIDE } from './latent-store.js';
import { dot, products, row, sharedMaps, type LowRankMap } from './least-squares.js';
import type { VariantLatents } from './variant-latents.js';

/** Cells of a latent in a patch, and along one side of it. */
export const CELLS = 4;
/** Numbers that say how much of the ground is seen through a cell. */
export const SEEN_THROUGH = 8;
/** Numbers of a patch of a latent. */
export const PATCH_LENGTH = CELLS * CHANNELS;
/** What is drawn in a patch: the difference of its latent on white from nothing on white, and then what is seen through each cell. */
export const DRAWN_LENGTH = PATCH_LENGTH + CELLS * SEEN_THROUGH;
/** Patches along a side of a latent. */
export const PATCHES = SIDE / 2;
/** Inputs of a change of a cell by its colour: what is drawn in it. */
export const CELL_LENGTH = CHANNELS + SEEN_THROUGH;

/** Directions of a change of a cell by its colour. */
const COLOUR_RANK = 23;
/** Share of scenes that are not on white. */
const ON_GROUNDS = 0.65;

/** How a part of the codes becomes what is drawn in patches. */
export interface DrawnPart {
  /** For each place [CODE_LENGTH, DRAWN_LENGTH]. */
  readonly maps: readonly Float64Array[];
  /** Mean square of each number of the part, [CODE_LENGTH]. */
  readonly squares: Float64Array;
}

/** What follows from codes, grounds and colours by linear maps, each the best in the least-squares sense. */
export interface DrawnMaps {
  /** The latent's cell where nothing is drawn on white, [C]. */
  readonly blank: Float64Array;
  /** By part, over 16 patches of the whole image. */
  readonly whole: readonly DrawnPart[];
  /** By part, over the four patches that a half-size drawing covers. */
  readonly half: readonly DrawnPart[];
  /** The mean over all drawings of what is drawn in each patch of either, [DRAWN_LENGTH]. */
  readonly wholeMeans: readonly Float64Array[];
  readonly halfMeans: readonly Float64Array[];
  /** For each of `VARIANT_GROUNDS`: (what is seen through a cell, 1) → what the ground adds to it, [SEEN_THROUGH + 1] → [C]. */
  readonly grounds: readonly LowRankMap[];
  /** For each of `VARIANT_COLOURS`: what is drawn in a cell → what the colour adds to it, [CELL_LENGTH] → [C]. */
  readonly colours: readonly LowRankMap[];
  /** How much each number of what is drawn in a patch counts, [DRAWN_LENGTH]. */
  readonly weights: Float64Array;
}

/** Cell (y, x) of a latent [C, side, side], [C]. */
const cellOf = (latent: Float32Array, side: number, place: number): Float64Array =>
  Float64Array.from({ length: CHANNELS }, (_, c) => latent[c * side * side + place]!);

/** The mean of all cells of a latent, [C]. */
const meanCell = (latent: Float32Array): Float64Array =>
  Float64Array.from({ length: CHANNELS }, (_, c) => {
    const own = row(latent, SIDE * SIDE, c);
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  });

/** A cell by its number in a latent of so many along a side. */
interface Place {
  readonly side: number;
  readonly place: number;
}

/** Numbers of `DRAWING_ROLES`. */
type Roles = readonly [onWhite: number, onBlack: number];
const [WHOLE, HALF]: readonly [Roles, Roles] = [
  [0, 1],
  [2, 3],
];

const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - b[i]!);

/**
 * Fits the maps. What a ground changes in a cell depends on how much of it is seen through the drawing there, which is told by the difference of the
 * drawing's latents on black and on white; what a colour changes on that and on the cell itself.
 */
export function drawnMaps(codes: AppearanceCodes, drawings: DrawingLatents, variants: VariantLatents): DrawnMaps {
  const [white, black] = variants.blank.map(meanCell) as [Float64Array, Float64Array];
  const nothing = minus(black, white);
  /** A cell on white, less nothing, and the difference of that on black from it: what is seen through, in as many numbers. */
  const drawnAt = (onWhite: Float32Array, onBlack: Float32Array, { side, place }: Place) => {
    const own = cellOf(onWhite, side, place);
    return { own: minus(own, white), through: minus(minus(cellOf(onBlack, side, place), own), nothing) };
  };
  const places = Array.from({ length: SIDE * SIDE }, (_, place) => ({ side: SIDE, place }));
  const seen = variants.drawings.flatMap((drawing) => {
    const [onWhite, onBlack] = WHOLE.map((role) => drawings.latent(role, drawing)) as [Float32Array, Float32Array];
    return places.map((place) => drawnAt(onWhite, onBlack, place));
  });
  const changes = (variant: (i: number) => Float32Array, inputs: (k: number) => ArrayLike<number>, length: number) => {
    const sums = products(length, CHANNELS);
    variants.drawings.forEach((_, i) => {
      const latent = variant(i);
      for (const { place } of places) {
        const k = i * places.length + place;
        sums.add(inputs(k), minus(minus(cellOf(latent, SIDE, place), white), seen[k]!.own));
      }
    });
    return sums.sums();
  };
  const throughs = sharedMaps(
    Array.from({ length: variants.grounds }, (_, g) =>
      changes(
        (i) => variants.onGround(g, i),
        (k) => [...seen[k]!.through, 1],
        CHANNELS + 1,
      ),
    ),
    { inputs: CHANNELS + 1, outputs: CHANNELS, rank: SEEN_THROUGH },
  );
  const { inward } = throughs[0]!;
  /** [SEEN_THROUGH, C], without what each has of the constant. */
  const basis = Array.from({ length: SEEN_THROUGH }, (_, r) => row(inward, CHANNELS + 1, r));
  const through = (cell: ArrayLike<number>): readonly number[] => basis.map((direction) => dot(cell, direction));
  const grounds = throughs.map(({ rank, outward }) => ({
    rank,
    outward,
    // What is seen through is there already.
    inward: Float64Array.from({ length: rank * (SEEN_THROUGH + 1) }, (_, i) => {
      const [r, k] = [Math.floor(i / (SEEN_THROUGH + 1)), i % (SEEN_THROUGH + 1)];
      return k === SEEN_THROUGH ? basis[r]![CHANNELS]! : k === r ? 1 : 0;
    }),
  }));
  const drawn = seen.map(({ own, through: cell }) => [...own, ...through(cell)]);
  const colours = Array.from(
    { length: variants.colours },
    (_, c) =>
      sharedMaps(
        [
          changes(
            (i) => variants.inColour(c, i),
            (k) => drawn[k]!,
            CELL_LENGTH,
          ),
        ],
        { inputs: CELL_LENGTH, outputs: CHANNELS, rank: COLOUR_RANK },
      )[0]!,
  );

  const weights = new Float64Array(DRAWN_LENGTH).fill(1);
  for (let cell = 0; cell < CELLS; cell++)
    for (let r = 0; r < SEEN_THROUGH; r++) {
      const square = grounds.reduce(
        (sum, { outward }) => sum + dot(row(outward, CHANNELS, r), row(outward, CHANNELS, r)),
        0,
      );
      weights[PATCH_LENGTH + cell * SEEN_THROUGH + r] = Math.sqrt((ON_GROUNDS * square) / grounds.length);
    }

  /** What is drawn in the patches of a role, on white and on black, with so many along a side. */
  const patches = (roles: Roles, drawing: number, side: number): readonly Float64Array[] => {
    const [onWhite, onBlack] = roles.map((role) => drawings.latent(role, drawing)) as [Float32Array, Float32Array];
    return Array.from({ length: side * side }, (_, patch) => {
      const all = new Float64Array(DRAWN_LENGTH);
      for (let cell = 0; cell < CELLS; cell++) {
        const [y, x] = [2 * Math.floor(patch / side) + (cell >> 1), 2 * (patch % side) + (cell & 1)];
        const at = drawnAt(onWhite, onBlack, { side: 2 * side, place: y * 2 * side + x });
        all.set(at.own, cell * CHANNELS);
        all.set(through(at.through), PATCH_LENGTH + cell * SEEN_THROUGH);
      }
      return all;
    });
  };
  const whole = fromCodes(codes, {
    ...{ count: drawings.count, places: PATCHES ** 2 },
    patches: (drawing) => patches(WHOLE, drawing, PATCHES),
  });
  const half = fromCodes(codes, {
    ...{ count: drawings.count, places: CELLS },
    patches: (drawing) => patches(HALF, drawing, 2),
  });
  return {
    ...{ blank: white, grounds, colours, weights },
    ...{ whole: whole.parts, wholeMeans: whole.means, half: half.parts, halfMeans: half.means },
  };
}

/** Least squares from codes, whose numbers are uncorrelated and have mean 0. */
function fromCodes(
  codes: AppearanceCodes,
  {
    count,
    places,
    patches,
  }: {
    readonly count: number;
    readonly places: number;
    readonly patches: (drawing: number) => readonly Float64Array[];
  },
): { readonly parts: readonly DrawnPart[]; readonly means: readonly Float64Array[] } {
  const parts = Array.from({ length: CODE_PARTS }, () => ({
    maps: Array.from({ length: places }, () => new Float64Array(CODE_LENGTH * DRAWN_LENGTH)),
    squares: new Float64Array(CODE_LENGTH),
  }));
  const means = Array.from({ length: places }, () => new Float64Array(DRAWN_LENGTH));
  for (let drawing = 0; drawing < count; drawing++) {
    const code = codes.code(Math.floor(drawing / STYLES.length), STYLES[drawing % STYLES.length]!);
    const own = patches(drawing);
    own.forEach((values, place) => values.forEach((value, i) => (means[place]![i]! += value / count)));
    parts.forEach(({ maps, squares }, part) => {
      for (let k = 0; k < CODE_LENGTH; k++) {
        const factor = code[part * CODE_LENGTH + k]!;
        if (factor === 0) continue;
        squares[k]! += factor ** 2 / count;
        maps.forEach((sums, place) => {
          const values = own[place]!;
          const at = k * DRAWN_LENGTH;
          for (let i = 0; i < DRAWN_LENGTH; i++) sums[at + i]! += (factor * values[i]!) / count;
        });
      }
    });
  }
  for (const { maps, squares } of parts)
    for (const sums of maps)
      for (let i = 0; i < sums.length; i++) sums[i]! /= squares[Math.floor(i / DRAWN_LENGTH)]! + 1e-9;
  return { parts, means };
}
