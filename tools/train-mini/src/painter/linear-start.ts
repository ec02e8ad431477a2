import { randomStream, type ParameterSpec } from '@lascaux/nn';
import { boxesOf, GROUNDS, RELATIONS, THING_COLOURS } from '@lascaux/scenes';
import { initializeParameters } from '@lascaux/training';
import { CODE_LENGTH, CODE_PARTS } from './appearance.js';
import {
  CELLS,
  DRAWN_LENGTH,
  PATCH_LENGTH,
  PATCHES,
  SEEN_THROUGH,
  type DrawnMaps,
  type DrawnPart,
} from './drawn-maps.js';
import { IMAGE_SIDE, LATENT_CHANNELS as CHANNELS } from './latent-store.js';
import { dot, reduced, row, whitening, type LowRankMap } from './least-squares.js';
import { painterDenoiserConfig } from './networks.js';
import { orthonormalize } from './principal-components.js';
import {
  CLASS_NAMES,
  CLASSES,
  SLOT_A,
  SLOT_B,
  SLOT_CLASSES,
  SLOTS,
  TAG_SIZE,
  TOKEN_LENGTH,
  tokensOfClass,
  type ClassName,
} from './slot-tokens.js';
import { VARIANT_COLOURS, VARIANT_GROUNDS } from './variant-latents.js';

const { num_attention_heads: HEADS, attention_head_dim: HEAD, num_layers: LAYERS } = painterDenoiserConfig;
const WIDTH = HEADS * HEAD;
const PLACES = PATCHES ** 2;

/** Layers by what their attention reads: places of things; then grounds, colours and half-size things; then things over the whole image. */
const [LAYOUT_LAYER, CLASS_LAYER, HALF_LAYER, FIRST_WHOLE] = [0, 1, 2, 3] as const;
/** Which part of a code each of the layers from `FIRST_WHOLE` on reads. */
const PART_OF_WHOLE = [0, 0, 0, 1, 1, 2, 3];
/** Layers by what their feed-forward half does. */
const [COLOUR_LAYER, GROUND_LAYER] = [LAYERS - 2, LAYERS - 1];

/** Sizes beside the positions, whose variance is 0.25, of what is drawn, of signs of classes and places, of the noisy latent: small, since norms divide by all of them. */
const [DRAWN, SIGN, NOISY] = [0.2, 1, 0.2];
const OF_POSITIONS = 0.25;
/** Scores of attention by which a head prefers what it reads to places of no words, and these to all else. */
const SURE = 9;
/** How far the other slots' scores are ruled out, in SURE: hardly more than needed, since noise on tags is multiplied by it too. */
const RULED_OUT = 1.1;
/** Inputs of hidden units of the feed-forward halves that are let through, and of those that are not: far from where a gelu bends. */
const OPEN = 6;

/** Sinusoids of rows or columns as PixArt adds them to a patch's token, [PATCHES, WIDTH / 2]. */
function axisPositions(): Float64Array {
  const quarter = WIDTH / 4;
  return Float64Array.from({ length: PATCHES * 2 * quarter }, (_, i) => {
    const [place, k] = [Math.floor(i / (2 * quarter)), i % (2 * quarter)];
    const phase = place * 10_000 ** (-(k % quarter) / quarter);
    return k < quarter ? Math.sin(phase) : Math.cos(phase);
  });
}

/** Rows d with d_i·v_j = 1 where i is j and else 0: (V·Vᵀ)⁻¹·V = Wᵀ·W·V. */
function detectors(vectors: Float64Array, count: number, length: number): Float64Array {
  const gram = Float64Array.from({ length: count * count }, (_, i) =>
    dot(row(vectors, length, Math.floor(i / count)), row(vectors, length, i % count)),
  );
  const white = whitening(gram, count);
  const found = new Float64Array(count * length);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++) {
      let factor = 0;
      for (let k = Math.max(i, j); k < count; k++) factor += white[k * count + i]! * white[k * count + j]!;
      for (let k = 0; k < length; k++) found[i * length + k]! += factor * vectors[j * length + k]!;
    }
  return found;
}

/** Directions of a token's state that nothing else touches, orthonormal rows. */
interface Directions {
  readonly drawn: Float64Array;
  readonly grounds: Float64Array;
  readonly colours: Float64Array;
  /** Quarters of thing A, then of thing B, then "no thing fills the image". */
  readonly roles: Float64Array;
  readonly noisy: Float64Array;
}

/** One for each quarter of each of two things. */
const QUARTERS = 2 * CELLS;
const ROLES = QUARTERS + 1;

/** Directions that no position touches, nor the mean that norms take away. */
function freeDirections(positions: Float64Array): Directions {
  const half = WIDTH / 2;
  const fixed = 2 * PATCHES + 1;
  const all = Float64Array.from(randomStream('directions of the painter').normal(WIDTH * WIDTH));
  row(all, WIDTH, 0).fill(1);
  for (let i = 0; i < PATCHES; i++)
    for (const axis of [0, 1]) {
      const own = row(all, WIDTH, 1 + 2 * i + axis).fill(0);
      own.set(row(positions, half, i), axis * half);
    }
  orthonormalize(all, WIDTH, WIDTH);
  let at = fixed;
  const take = (count: number): Float64Array => all.subarray(at * WIDTH, (at += count) * WIDTH);
  return {
    drawn: take(DRAWN_LENGTH),
    grounds: take(VARIANT_GROUNDS.length),
    colours: take(VARIANT_COLOURS.length),
    roles: take(ROLES),
    noisy: take(WIDTH - at),
  };
}

/** A linear function of a token's state. */
interface Linear {
  readonly weight: Float64Array;
  readonly bias: number;
}

/** What one head of the attention to the text does. */
interface Head {
  /** 1 where it reads, −1 or less where it does not. */
  readonly query: Linear;
  /** Whose tokens it takes the mean of. */
  readonly slots: readonly number[];
  /** At most HEAD numbers of that mean: [rank, TOKEN_LENGTH]. */
  readonly inward: Float64Array;
  /** What each adds to the state: [rank, WIDTH]. */
  readonly outward: Float64Array;
}

const plus = (target: Float64Array | Float32Array, source: Float64Array, factor: number): void =>
  source.forEach((value, i) => (target[i]! += factor * value));

/** First values that are set, by name. */
type Weights = ReadonlyMap<string, Float32Array>;

/** Attention to the text of a layer whose other heads do nothing. */
function setReading(weights: Weights, layer: number, heads: readonly Head[]): void {
  const own = (name: string): Float32Array => weights.get(`transformer_blocks.${layer}.attn2.${name}`)!.fill(0);
  const [q, qBias, k, kBias] = [own('to_q.weight'), own('to_q.bias'), own('to_k.weight'), own('to_k.bias')];
  const [v, out] = [own('to_v.weight'), own('to_out.0.weight')];
  for (const name of ['to_v.bias', 'to_out.0.bias']) own(name);
  // Scores are divided by the root.
  const root = Math.sqrt(HEAD);
  const key = (SURE * root) / TAG_SIZE;
  heads.forEach(({ query, slots, inward, outward }, head) => {
    const first = head * HEAD;
    plus(row(q, WIDTH, first), query.weight, 1);
    qBias[first] = query.bias;
    // The second number of a head lets all tokens score SURE, and rules the other slots out.
    qBias[first + 1] = 1;
    kBias[first + 1] = SURE * root;
    for (let slot = 0; slot < SLOTS; slot++) {
      const isRead = slots.includes(slot);
      k[(first + (isRead ? 0 : 1)) * TOKEN_LENGTH + CODE_LENGTH + slot] = isRead ? key : -RULED_OUT * key;
    }
    for (let j = 0; j * TOKEN_LENGTH < inward.length; j++) {
      plus(row(v, TOKEN_LENGTH, first + j), row(inward, TOKEN_LENGTH, j), 1);
      row(outward, WIDTH, j).forEach((value, c) => (out[c * WIDTH + first + j] = value));
    }
  });
}

/** The sum of rows, weighed: [outputs] times [outputs, WIDTH]. */
function along(values: ArrayLike<number>, directions: Float64Array, factor: number): Float64Array {
  const sum = new Float64Array(WIDTH);
  for (let i = 0; i < values.length; i++)
    if (values[i] !== 0) plus(sum, row(directions, WIDTH, i), factor * values[i]!);
  return sum;
}

const concatenated = (parts: readonly Float64Array[]): Float64Array => {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const all = new Float64Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

/** A part of a low-rank map from a part of a code as a head reads it. */
function codeHead(
  query: Linear,
  slot: number,
  { map, from, drawn }: { readonly map: LowRankMap; readonly from: number; readonly drawn: Float64Array },
): Head {
  const to = Math.min(map.rank, from + HEAD);
  const ranks = Array.from({ length: to - from }, (_, j) => from + j);
  return {
    ...{ query, slots: [slot] },
    inward: concatenated(
      ranks.map((j) => {
        const [own, token] = [row(map.inward, CODE_LENGTH, j), new Float64Array(TOKEN_LENGTH)];
        token.set(own);
        return token;
      }),
    ),
    outward: concatenated(ranks.map((j) => along(row(map.outward, DRAWN_LENGTH, j), drawn, DRAWN))),
  };
}

const slotOf = (name: ClassName): number => SLOT_CLASSES + CLASS_NAMES.indexOf(name);

/**
 * Rows that tell answers of some classes from the sum of one token of each: 1 for the token of the answer, 0 for all others of those classes.
 * @returns for each class [answers, TOKEN_LENGTH]
 */
function answerDetectors(names: readonly ClassName[]): readonly Float64Array[] {
  const all = concatenated(names.map((name) => Float64Array.from(tokensOfClass(name))));
  const found = detectors(all, all.length / TOKEN_LENGTH, TOKEN_LENGTH);
  let at = 0;
  return names.map((name) => found.subarray(at * TOKEN_LENGTH, (at += CLASSES[name]) * TOKEN_LENGTH));
}

/** What stands at each place of a layout: quarters of A (0…3), of B (4…7); none where the ground is. */
function rolesOf(boxes: readonly (readonly [number, number])[], isRelation: boolean): ReadonlyMap<number, number> {
  const side = IMAGE_SIDE / PATCHES;
  return new Map(
    boxes.flatMap(([x, y], thing) =>
      Array.from({ length: CELLS }, (_, quarter): readonly [number, number] => [
        (y / side + (quarter >> 1)) * PATCHES + x / side + (quarter & 1),
        (isRelation && thing === 1 ? CELLS : 0) + quarter,
      ]),
    ),
  );
}

/** Directions of roles and of what is drawn, and the means over all drawings of what is drawn in each place of a role, [DRAWN_LENGTH] each. */
interface Layout {
  readonly roles: Float64Array;
  readonly drawn: Float64Array;
  readonly wholeMeans: readonly Float64Array[];
  readonly halfMeans: readonly Float64Array[];
}

/**
 * Heads that write at each place, by count and relation, which part of which thing is there, and what all things have in common there. That does not come with
 * the things' codes, since tags, of whose size the text encoder is less sure, would have to bring it.
 */
function layoutHeads(at: readonly Linear[], { roles, drawn, wholeMeans, halfMeans }: Layout): readonly Head[] {
  const [counts, relations] = answerDetectors(['count', 'relation']) as [Float64Array, Float64Array];
  const layouts = [
    ...[2, 3, 4].map((count) => ({
      detector: row(counts, TOKEN_LENGTH, count - 1),
      roles: rolesOf(boxesOf('count', count, null), false),
      isRelation: false,
    })),
    ...RELATIONS.map((relation, r) => ({
      detector: row(relations, TOKEN_LENGTH, r),
      roles: rolesOf(boxesOf('relation', 2, relation), true),
      isRelation: true,
    })),
  ];
  const noRelation = row(relations, TOKEN_LENGTH, RELATIONS.length);
  return at.map((query, place) => ({
    query,
    slots: [slotOf('count'), slotOf('relation')],
    // Attention takes the mean of two tokens.
    inward: concatenated(
      [noRelation, ...layouts.map(({ detector }) => detector)].map((own) => own.map((value) => 2 * value)),
    ),
    outward: concatenated([
      along(wholeMeans[place]!, drawn, DRAWN),
      ...layouts.map((layout) => {
        const own = new Float64Array(ROLES);
        own[QUARTERS] = 1;
        const role = layout.roles.get(place);
        if (role !== undefined) own[role] = 1;
        const written = along(own, roles, SIGN);
        if (role !== undefined) plus(written, along(halfMeans[role % CELLS]!, drawn, DRAWN), 1);
        // Where several of one thing stand, no relation is said either.
        if (!layout.isRelation) plus(written, along(wholeMeans[place]!, drawn, DRAWN), -1);
        return written;
      }),
    ]),
  }));
}

/** A head that writes which answer a class has, into one direction each; the first of `answers` is what goes without saying. */
function classHead(
  name: ClassName,
  answers: readonly number[],
  { query, directions }: { readonly query: Linear; readonly directions: Float64Array },
): Head {
  const [own] = answerDetectors([name]) as [Float64Array];
  return {
    ...{ query, slots: [slotOf(name)] },
    inward: concatenated(answers.map((answer) => row(own, TOKEN_LENGTH, answer))),
    outward: concatenated(answers.map((_, i) => along([1], row(directions, WIDTH, i), SIGN))),
  };
}

/** A feed-forward half whose units are let through for one sign each. */
interface Gated {
  readonly layer: number;
  /** Directions of the signs, [variants, WIDTH]. */
  readonly signs: Float64Array;
  /** For each variant; `inputs` of them are numbers of a cell, and one may follow that is always 1. */
  readonly maps: readonly LowRankMap[];
  /** Directions of the numbers that are read, of each cell: [CELLS][inputs, WIDTH]. */
  readonly read: readonly Float64Array[];
  /** Directions of each cell's numbers that are added to, [CELLS][C, WIDTH]. */
  readonly written: readonly Float64Array[];
  /** The standard deviation of a token's state, by which the norm divides. */
  readonly deviation: number;
}

function setGated(weights: Weights, { layer, signs, maps, read, written, deviation }: Gated): void {
  const own = (name: string): Float32Array => weights.get(`transformer_blocks.${layer}.${name}`)!;
  const [inward, bias, outward] = [
    own('ff.net.0.proj.weight'),
    own('ff.net.0.proj.bias'),
    own('ff.net.2.weight').fill(0),
  ];
  own('ff.net.2.bias').fill(0);
  const hidden = bias.length;
  own('scale_shift_table').fill(1, 5 * WIDTH);
  let unit = 0;
  /** A unit that gives `value` where the sign stands, and OPEN besides. */
  const add = (
    sign: number,
    value: Float64Array,
    { constant, out }: { readonly constant: number; readonly out: Float64Array },
  ): void => {
    const weight = row(inward, WIDTH, unit).fill(0);
    plus(weight, value, deviation);
    plus(weight, row(signs, WIDTH, sign), (2 * OPEN * deviation) / SIGN);
    bias[unit] = constant - OPEN;
    out.forEach((factor, c) => (outward[c * hidden + unit] = factor));
    unit++;
  };
  maps.forEach((map, sign) => {
    const surplus = new Float64Array(WIDTH);
    const inputs = map.inward.length / map.rank;
    read.forEach((directions, cell) => {
      const count = directions.length / WIDTH;
      for (let r = 0; r < map.rank; r++) {
        const numbers = row(map.inward, inputs, r);
        const out = along(row(map.outward, CHANNELS, r), written[cell]!, DRAWN);
        plus(surplus, out, -1);
        add(sign, along(numbers.subarray(0, count), directions, 1 / DRAWN), { constant: numbers[count] ?? 0, out });
      }
    });
    // It takes back what OPEN adds.
    add(sign, new Float64Array(WIDTH), { constant: 0, out: surplus });
  });
}

/** How much smaller than usual the first values are that would disturb, by name. */
const QUIET: readonly (readonly [RegExp, number])[] = [
  [/^scale_shift_table$/, 0],
  [/\.scale_shift_table$/, 0],
  [/timestep_embedder\.linear_2\.weight$/, 0.02],
];

/** The mean square of what is drawn, over all drawings and numbers: of each part's, since they are uncorrelated. */
function drawnSquare(parts: readonly DrawnPart[]): number {
  let sum = 0;
  for (const { maps, squares } of parts)
    for (const map of maps) map.forEach((value, i) => (sum += squares[Math.floor(i / DRAWN_LENGTH)]! * value ** 2));
  return sum / (parts[0]!.maps.length * DRAWN_LENGTH);
}

/**
 * First values of the painter's denoiser, with which it paints before it is trained: attention to the text adds to each patch what linear maps make
 * of the codes of the things that stand there, feed-forward halves what colours and grounds change in that; the rest is drawn as usual, and small where it
 * would disturb. The noisy latent is not looked at yet.
 * Why: docs/decisions/0170.
 */
export function linearStart(parameters: readonly ParameterSpec[], maps: DrawnMaps): ReadonlyMap<string, Float32Array> {
  const weights = initializeParameters(parameters, 1);
  for (const [name, values] of weights) {
    const [, factor] = QUIET.find(([disturbing]) => disturbing.test(name)) ?? [];
    if (factor !== undefined) values.forEach((value, i) => (values[i] = factor * value));
  }
  const positions = axisPositions();
  const { drawn, grounds, colours, roles, noisy } = freeDirections(positions);
  const half = WIDTH / 2;
  const places = detectors(positions, PATCHES, half);
  /** 2·([row is mine] + [column is mine]) − 3: 1 at a place, −1 or −3 at others. */
  const at = Array.from({ length: PLACES }, (_, place): Linear => {
    const weight = new Float64Array(WIDTH);
    [place % PATCHES, Math.floor(place / PATCHES)].forEach((own, axis) =>
      plus(weight.subarray(axis * half, (axis + 1) * half), row(places, half, own), 2),
    );
    return { weight, bias: -3 };
  });
  // 1 for half a sign already, which a mean of two tokens can become.
  const role = (own: number): Linear => ({ weight: along([4], row(roles, WIDTH, own), 1 / SIGN), bias: -1 });
  const isB = new Float64Array(WIDTH);
  for (let own = CELLS; own < QUARTERS; own++) plus(isB, row(roles, WIDTH, own), 4 / SIGN);

  // Half-size things: two heads' worth of the first part, one of the second.
  const halves = ([HEAD * 2, HEAD] as const).map((rank, part) => {
    const { maps: exact, squares } = maps.half[part]!;
    return exact.map((map) => reduced(map, { squares, weights: maps.weights, rank }));
  });
  const halfHeads = (part: number, from: number): readonly Head[] =>
    [SLOT_A, SLOT_B].flatMap((slot, thing) =>
      halves[part]!.map((map, quarter) => codeHead(role(thing * CELLS + quarter), slot + part, { map, from, drawn })),
    );
  setReading(
    weights,
    LAYOUT_LAYER,
    layoutHeads(at, { roles, drawn, wholeMeans: maps.wholeMeans, halfMeans: maps.halfMeans }),
  );
  setReading(weights, CLASS_LAYER, [
    classHead(
      'ground',
      VARIANT_GROUNDS.map((name) => GROUNDS.findIndex((ground) => ground.name === name)),
      { query: { weight: new Float64Array(WIDTH), bias: 1 }, directions: grounds },
    ),
    classHead(
      'colourA',
      THING_COLOURS.map((_, i) => i),
      { query: { weight: isB.map((value) => -value), bias: 1 }, directions: colours },
    ),
    classHead(
      'colourB',
      THING_COLOURS.map((_, i) => i),
      { query: { weight: isB, bias: -1 }, directions: colours },
    ),
    ...halfHeads(0, 0),
  ]);
  setReading(weights, HALF_LAYER, [...halfHeads(0, HEAD), ...halfHeads(1, 0)]);

  for (let part = 0; part < CODE_PARTS; part++) {
    const layers = PART_OF_WHOLE.flatMap((own, layer) => (own === part ? [FIRST_WHOLE + layer] : []));
    const { maps: exact, squares } = maps.whole[part]!;
    const whole = exact.map((map) => reduced(map, { squares, weights: maps.weights, rank: HEAD * layers.length }));
    layers.forEach((layer, i) =>
      setReading(
        weights,
        layer,
        whole.map((map, place) => {
          const weight = Float64Array.from(at[place]!.weight);
          plus(weight, row(roles, WIDTH, QUARTERS), -6 / SIGN);
          return codeHead({ weight, bias: at[place]!.bias }, SLOT_A + part, { map, from: i * HEAD, drawn });
        }),
      ),
    );
  }

  const noisyCount = noisy.length / WIDTH;
  const size = DRAWN_LENGTH * DRAWN ** 2 * drawnSquare(maps.whole) + SIGN ** 2 + noisyCount * NOISY ** 2;
  const deviation = Math.sqrt(OF_POSITIONS + size / WIDTH);
  const cells = Array.from({ length: CELLS }, (_, cell) => cell);
  const channels = (cell: number): Float64Array =>
    drawn.subarray(cell * CHANNELS * WIDTH, (cell + 1) * CHANNELS * WIDTH);
  const through = (cell: number): Float64Array => {
    const first = PATCH_LENGTH + cell * SEEN_THROUGH;
    return drawn.subarray(first * WIDTH, (first + SEEN_THROUGH) * WIDTH);
  };
  const written = cells.map(channels);
  setGated(weights, {
    ...{ layer: COLOUR_LAYER, signs: colours, maps: maps.colours, written, deviation },
    read: cells.map((cell) => concatenated([channels(cell), through(cell)])),
  });
  setGated(weights, {
    ...{ layer: GROUND_LAYER, signs: grounds, maps: maps.grounds, written, deviation },
    read: cells.map(through),
  });
  setEnds(weights, { drawn, noisy, blank: maps.blank, deviation });
  return weights;
}

/** What enters goes into directions of its own; what leaves is what is drawn, on nothing. */
function setEnds(
  weights: Weights,
  {
    drawn,
    noisy,
    blank,
    deviation,
  }: {
    readonly drawn: Float64Array;
    readonly noisy: Float64Array;
    readonly blank: Float64Array;
    readonly deviation: number;
  },
): void {
  const embed = weights.get('pos_embed.proj.weight')!.fill(0); // [WIDTH, C, 2, 2]
  const count = noisy.length / WIDTH;
  const seen = Float64Array.from(randomStream('what is seen of a noisy patch').normal(count * PATCH_LENGTH));
  orthonormalize(seen, count, PATCH_LENGTH);
  for (let j = 0; j < count; j++)
    for (let i = 0; i < PATCH_LENGTH; i++) {
      const [cell, channel] = [Math.floor(i / CHANNELS), i % CHANNELS];
      const factor = NOISY * seen[j * PATCH_LENGTH + i]!;
      for (let c = 0; c < WIDTH; c++) embed[(c * CHANNELS + channel) * CELLS + cell]! += factor * noisy[j * WIDTH + c]!;
    }
  const [out, bias] = [weights.get('proj_out.weight')!, weights.get('proj_out.bias')!];
  for (let i = 0; i < PATCH_LENGTH; i++) {
    const own = row(out, WIDTH, i).fill(0);
    plus(own, row(drawn, WIDTH, i), deviation / DRAWN);
    bias[i] = blank[i % CHANNELS]!;
  }
}
