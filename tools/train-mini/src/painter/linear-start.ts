import { randomStream, type ParameterSpec } from '@lascaux/nn';
import { STYLES } from '@lascaux/scenes';
import { initializeParameters } from '@lascaux/training';
import { CODE_LENGTH, CODE_PARTS, type AppearanceCodes } from './appearance.js';
import type { DrawingLatents } from './drawing-latents.js';
import { LATENT_CHANNELS, LATENT_SIDE } from './latent-store.js';
import { painterDenoiserConfig } from './networks.js';
import { leadingEigenvectors, orthonormalize } from './principal-components.js';
import { SLOTS, TAG_SIZE, TOKEN_LENGTH } from './slot-tokens.js';

const { num_attention_heads: HEADS, attention_head_dim: HEAD } = painterDenoiserConfig;
const WIDTH = HEADS * HEAD;
/** Patches along a side, and in all: one for each head. */
const PATCHES = LATENT_SIDE / 2;
/** Numbers of a patch of 2×2 cells. */
const PATCH_LENGTH = 4 * LATENT_CHANNELS;

/** Which part of thing A's code the attention of each layer reads; the other layers begin as they are drawn. */
const PART_OF_LAYER = [0, 0, 0, 1, 1, 2, 3];
/** Size of what attention adds beside the positions: small, since the last norm divides by both. */
const ADDED = 0.2;
/** Variance of a position's sinusoids: half of them are near 0, half near 1. */
const OF_POSITIONS = 0.25;
/** Size of the noisy latent beside them. */
const NOISE_SEEN = 0.3;
/** Mean square of latents. */
const OF_LATENTS = 1;
/** Scores of attention where a head reads at its own patch; twice as far below where row or column differ. */
const SURE = 9;

const rows = (matrix: Float64Array, columns: number, k: number): Float64Array =>
  matrix.subarray(k * columns, (k + 1) * columns);

/** Sinusoids of rows or columns as PixArt adds them to a patch's token, [PATCHES, WIDTH / 2]. */
function axisPositions(): Float64Array {
  const quarter = WIDTH / 4;
  return Float64Array.from({ length: PATCHES * 2 * quarter }, (_, i) => {
    const [place, k] = [Math.floor(i / (2 * quarter)), i % (2 * quarter)];
    const phase = place * 10_000 ** (-(k % quarter) / quarter);
    return k < quarter ? Math.sin(phase) : Math.cos(phase);
  });
}

/** For each place the vector that is 1 with its own sinusoids and 0 with the others': Aᵀ·(A·Aᵀ)⁻¹, [PATCHES, WIDTH / 2]. */
function placeDetectors(positions: Float64Array): Float64Array {
  const half = WIDTH / 2;
  const augmented = Array.from({ length: PATCHES }, (_, i) => [
    ...Array.from({ length: PATCHES }, (_unused, j) =>
      rows(positions, half, i).reduce((sum, value, k) => sum + value * rows(positions, half, j)[k]!, 0),
    ),
    ...Array.from({ length: PATCHES }, (_unused, j) => (i === j ? 1 : 0)),
  ]);
  // Gauss–Jordan; the matrix is positive definite.
  for (let i = 0; i < PATCHES; i++) {
    const pivot = augmented[i]!.map((value) => value / augmented[i]![i]!);
    augmented.forEach((row, k) => {
      const factor = row[i]!;
      augmented[k] = k === i ? pivot : row.map((value, j) => value - factor * pivot[j]!);
    });
  }
  const detectors = new Float64Array(PATCHES * half);
  for (let i = 0; i < PATCHES; i++)
    for (let j = 0; j < PATCHES; j++)
      for (let k = 0; k < half; k++)
        detectors[i * half + k]! += augmented[i]![PATCHES + j]! * rows(positions, half, j)[k]!;
  return detectors;
}

/**
 * Directions that no position touches, nor the mean that the last norm takes away: first those of a patch as attention adds it, then those of the
 * noisy latent, [2 · PATCH_LENGTH, WIDTH].
 */
function freeDirections(positions: Float64Array): Float64Array {
  const half = WIDTH / 2;
  const fixed = 2 * PATCHES + 1;
  const count = fixed + 2 * PATCH_LENGTH;
  const all = Float64Array.from(randomStream('directions of the painter').normal(count * WIDTH));
  rows(all, WIDTH, 0).fill(1);
  for (let i = 0; i < PATCHES; i++)
    for (const axis of [0, 1]) {
      const own = rows(all, WIDTH, 1 + 2 * i + axis).fill(0);
      own.set(rows(positions, half, i), axis * half);
    }
  orthonormalize(all, count, WIDTH);
  return all.subarray(fixed * WIDTH);
}

/** Values of a patch of a latent [C, 8, 8] as a transformer writes them: cell by cell, channels innermost. */
function patchOf(latent: Float32Array, patch: number): Float64Array {
  const [top, left] = [2 * Math.floor(patch / PATCHES), 2 * (patch % PATCHES)];
  return Float64Array.from({ length: PATCH_LENGTH }, (_, i) => {
    const [cell, channel] = [Math.floor(i / LATENT_CHANNELS), i % LATENT_CHANNELS];
    const [row, column] = [top + (cell >> 1), left + (cell & 1)];
    return latent[(channel * LATENT_SIDE + row) * LATENT_SIDE + column]!;
  });
}

/** What a token tells that is read: its part of the code, and that it is there. */
const READ = CODE_LENGTH + 1;

/** How a part of the codes becomes patches. */
interface DecodedPart {
  /** For each patch [READ, PATCH_LENGTH]. */
  readonly maps: readonly Float64Array[];
  /** Mean square of each number that is read, [READ]. */
  readonly squares: Float64Array;
}

/**
 * Least squares from codes, whose numbers are uncorrelated and have mean 0, to the patches of the latents on white. The last row of the first
 * part's maps is the mean over all drawings.
 */
function decoding(codes: AppearanceCodes, { count, latent }: DrawingLatents): readonly DecodedPart[] {
  const parts = Array.from({ length: CODE_PARTS }, () => ({
    maps: Array.from({ length: PATCHES ** 2 }, () => new Float64Array(READ * PATCH_LENGTH)),
    squares: new Float64Array(READ),
  }));
  for (let drawing = 0; drawing < count; drawing++) {
    const code = codes.code(Math.floor(drawing / STYLES.length), STYLES[drawing % STYLES.length]!);
    const own = latent(0, drawing);
    const patches = Array.from({ length: PATCHES ** 2 }, (_, patch) => patchOf(own, patch));
    parts.forEach(({ maps, squares }, part) => {
      for (let k = 0; k < READ; k++) {
        const factor = k < CODE_LENGTH ? code[part * CODE_LENGTH + k]! : part === 0 ? 1 : 0;
        squares[k]! += factor ** 2 / count;
        maps.forEach((sums, patch) => {
          for (let i = 0; i < PATCH_LENGTH; i++) sums[k * PATCH_LENGTH + i]! += (factor * patches[patch]![i]!) / count;
        });
      }
    });
  }
  for (const { maps, squares } of parts)
    for (const sums of maps)
      for (let i = 0; i < sums.length; i++) sums[i]! /= squares[Math.floor(i / PATCH_LENGTH)]! + 1e-9;
  return parts;
}

/** A map of what is read of a token to a patch, of lower rank: patch ≈ Σ_j out_j · (in_j · read). */
interface LowRankMap {
  /** [rank, READ] */
  readonly inward: Float64Array;
  /** [rank, PATCH_LENGTH] */
  readonly outward: Float64Array;
}

const NEGLIGIBLE = 1e-9;

/** The best map of a rank for what is read, of the given mean squares; both factors are of like size. */
function lowRank(map: Float64Array, squares: Float64Array, rank: number): LowRankMap {
  const gram = new Float64Array(PATCH_LENGTH ** 2);
  for (let k = 0; k < READ; k++) {
    const own = rows(map, PATCH_LENGTH, k);
    for (let i = 0; i < PATCH_LENGTH; i++)
      for (let j = 0; j < PATCH_LENGTH; j++) gram[i * PATCH_LENGTH + j]! += squares[k]! * own[i]! * own[j]!;
  }
  const outward = leadingEigenvectors(gram, PATCH_LENGTH, rank);
  const inward = new Float64Array(rank * READ);
  let largest = 0;
  for (let j = 0; j < rank; j++) {
    const direction = rows(outward, PATCH_LENGTH, j);
    const own = rows(inward, READ, j);
    let square = 0;
    for (let k = 0; k < READ; k++) {
      own[k] = rows(map, PATCH_LENGTH, k).reduce((sum, value, i) => sum + value * direction[i]!, 0);
      square += squares[k]! * own[k]! ** 2;
    }
    largest = Math.max(largest, square);
    // Directions beyond the map's rank are noise.
    const balance = square > NEGLIGIBLE * largest ? square ** 0.25 : 0;
    for (let k = 0; k < READ; k++) own[k] = balance === 0 ? 0 : own[k]! / balance;
    for (let i = 0; i < PATCH_LENGTH; i++) direction[i]! *= balance;
  }
  return { inward, outward };
}

/** First values that `linearStart` sets, by name. */
type Weights = ReadonlyMap<string, Float32Array>;

/** What the attention to the text of a layer begins with. */
interface ReadingLayer {
  /** Name of the attention, with the dot. */
  readonly attention: string;
  /** Of thing A's code. */
  readonly part: number;
  /** One map for each patch, of rank HEAD: what the layer's heads make of the part. */
  readonly maps: readonly LowRankMap[];
}

/** Scores that are SURE for a head's part at the head's patch and for places of no words everywhere, and far lower elsewhere. */
function setScores(weights: Weights, { attention, part }: ReadingLayer, detectors: Float64Array): void {
  const own = (name: string): Float32Array => weights.get(attention + name)!.fill(0);
  const [q, qBias, k, kBias] = [own('to_q.weight'), own('to_q.bias'), own('to_k.weight'), own('to_k.bias')];
  const half = WIDTH / 2;
  // Scores are divided by the root.
  const root = Math.sqrt(HEAD);
  const key = (SURE * root) / TAG_SIZE;
  for (let head = 0; head < PATCHES ** 2; head++) {
    const first = head * HEAD;
    // 2·([row is mine] + [column is mine]) − 3: 1 at the head's own patch, −1 or −3 elsewhere.
    [head % PATCHES, Math.floor(head / PATCHES)].forEach((place, axis) => {
      for (let i = 0; i < half; i++) q[first * WIDTH + axis * half + i] = 2 * detectors[place * half + i]!;
    });
    qBias[first] = -3;
    k[first * TOKEN_LENGTH + CODE_LENGTH + part] = key;
    // The second number of a head lets all tokens score SURE, and rules the other slots out.
    qBias[first + 1] = 1;
    kBias[first + 1] = SURE * root;
    for (let slot = 0; slot < SLOTS; slot++)
      if (slot !== part) k[(first + 1) * TOKEN_LENGTH + CODE_LENGTH + slot] = -2 * key;
  }
}

/** Values and output of a layer's attention: the maps, into the directions of patches. */
function setMaps(weights: Weights, { attention, part, maps }: ReadingLayer, directions: Float64Array): void {
  const own = (name: string): Float32Array => weights.get(attention + name)!.fill(0);
  const [v, out] = [own('to_v.weight'), own('to_out.0.weight')];
  own('to_v.bias');
  own('to_out.0.bias');
  maps.forEach(({ inward, outward }, head) => {
    for (let j = 0; j < HEAD; j++) {
      const column = head * HEAD + j;
      const own = rows(inward, READ, j);
      v.set(own.subarray(0, CODE_LENGTH), column * TOKEN_LENGTH);
      v[column * TOKEN_LENGTH + CODE_LENGTH + part] = own[CODE_LENGTH]! / TAG_SIZE;
      for (let i = 0; i < PATCH_LENGTH; i++) {
        const size = ADDED * outward[j * PATCH_LENGTH + i]!;
        for (let c = 0; c < WIDTH; c++) out[c * WIDTH + column]! += size * directions[i * WIDTH + c]!;
      }
    }
  });
}

/** What enters goes into directions of its own; what leaves is what attention has added. */
function setEnds(weights: Weights, added: Float64Array, seen: Float64Array): void {
  const embed = weights.get('pos_embed.proj.weight')!.fill(0); // [WIDTH, C, 2, 2]
  for (let i = 0; i < PATCH_LENGTH; i++) {
    const [cell, channel] = [Math.floor(i / LATENT_CHANNELS), i % LATENT_CHANNELS];
    for (let c = 0; c < WIDTH; c++)
      embed[(c * LATENT_CHANNELS + channel) * 4 + cell] = NOISE_SEEN * seen[i * WIDTH + c]!;
  }
  // At the noisy end the velocity is −x0. The last norm divides by the size of positions, noise and what was added.
  const size = Math.sqrt(OF_POSITIONS + (PATCH_LENGTH / WIDTH) * (NOISE_SEEN ** 2 + OF_LATENTS * ADDED ** 2));
  weights.get('proj_out.weight')!.set(added.map((value) => (-size / ADDED) * value)); // [PATCH_LENGTH, WIDTH]
}

/** How much smaller than usual the first values are that would disturb, by name. */
const QUIET: readonly (readonly [RegExp, number])[] = [
  [/^scale_shift_table$/, 0],
  [/\.scale_shift_table$/, 0],
  [/timestep_embedder\.linear_2\.weight$/, 0.1],
];

/**
 * First values of the painter's denoiser: attention to the text adds to each patch what a linear map makes of thing A's code, the best in
 * the least-squares sense for drawings alone on white; the rest is drawn as usual, and small where it would disturb. Each of 16 heads serves one
 * of 16 patches: at its own it attends to a part of the code, elsewhere to places of no words, which hold zeros.
 * Why: docs/decisions/0167.
 */
export function linearStart(
  parameters: readonly ParameterSpec[],
  codes: AppearanceCodes,
  drawings: DrawingLatents,
): ReadonlyMap<string, Float32Array> {
  const weights = initializeParameters(parameters, 1);
  for (const [name, values] of weights) {
    const [, factor] = QUIET.find(([disturbing]) => disturbing.test(name)) ?? [];
    if (factor !== undefined) values.forEach((value, i) => (values[i] = factor * value));
  }
  const positions = axisPositions();
  const detectors = placeDetectors(positions);
  const directions = freeDirections(positions);
  const decoders = decoding(codes, drawings);
  for (let part = 0; part < CODE_PARTS; part++) {
    const layers = PART_OF_LAYER.flatMap((own, layer) => (own === part ? [layer] : []));
    const { maps: exact, squares } = decoders[part]!;
    const whole = exact.map((map) => lowRank(map, squares, HEAD * layers.length));
    layers.forEach((layer, i) => {
      const maps = whole.map(({ inward, outward }) => ({
        inward: inward.subarray(i * HEAD * READ, (i + 1) * HEAD * READ),
        outward: outward.subarray(i * HEAD * PATCH_LENGTH, (i + 1) * HEAD * PATCH_LENGTH),
      }));
      const reading = { attention: `transformer_blocks.${layer}.attn2.`, part, maps };
      setScores(weights, reading, detectors);
      setMaps(weights, reading, directions);
    });
  }
  setEnds(weights, directions.subarray(0, PATCH_LENGTH * WIDTH), directions.subarray(PATCH_LENGTH * WIDTH));
  return weights;
}
