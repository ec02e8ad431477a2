import type { RandomStream } from '@lascaux/nn';
import { painterScene, type SceneSource } from '@lascaux/scenes';
import type { BatchFunction } from '@lascaux/training';
import { CODE_LENGTH, CODE_PARTS, type AppearanceCodes } from './appearance.js';
import { LATENT_LENGTH, scaled, type LatentStore, type Scaling } from './latent-store.js';
import { captionTokens, MAX_TOKENS, SLOT_A, SLOT_B, TOKEN_LENGTH } from './slot-tokens.js';

/** Options of `painterBatches`. */
export interface PainterBatchOptions {
  readonly store: LatentStore;
  readonly scenes: SceneSource;
  readonly codes: AppearanceCodes;
  readonly scaling: Scaling;
  /** ᾱ of every timestep. */
  readonly alphaBars: ArrayLike<number>;
  readonly batchSize: number;
  /** Share of captions dropped for guidance (Ho and Salimans 2021). */
  readonly dropout: number;
  /** Samples of single things only, at the beginning: shapes are learned before places. */
  readonly singlesFirst: number;
}

/** Share of timesteps that are spread evenly. */
const EVEN = 0.25;
/**
 * How far the others lean towards noise. A caption tells which drawing there is, and that is asked for where the image does not show it yet.
 */
const LEAN = 0.5;
/** σ(x) */
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * Timesteps of a batch: a logit-normal share t of noise on the straight path, at the angle atan(t / (1 − t)) of the variance-preserving one
 * (Esser et al. 2024, section 3.1: the weight on middling noise), as the nearest timestep of the schedule. A quarter is spread evenly, so that
 * the ends of the schedule, where sampling begins, are seen too.
 */
function timestepsOf(count: number, alphaBars: ArrayLike<number>, random: RandomStream): Int32Array {
  return Int32Array.from(random.normal(count), (deviate) => {
    if (random.uniform() < EVEN) return Math.floor(random.uniform() * alphaBars.length);
    const t = logistic(LEAN + deviate);
    const signal = Math.cos(Math.atan2(t, 1 - t)) ** 2;
    let [low, high] = [0, alphaBars.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (alphaBars[middle]! > signal) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}

/**
 * Largest deviation of the noise on tokens, whose own is 1: what a text encoder gives is not exact either (Ho et al. 2022, "Cascaded diffusion
 * models", conditioning augmentation).
 */
const TOKEN_NOISE = 0.4;

/** How often some of the last parts of codes are missing: those that a text encoder learns last, and gives as zeros until then. */
const MISSING = 0.3;

/** Tokens without the parts of codes from one on. */
function withoutParts(tokens: Float32Array, first: number): Float32Array {
  for (let place = 0; place < MAX_TOKENS; place++)
    for (let part = first; part < CODE_PARTS; part++)
      for (const slot of [SLOT_A + part, SLOT_B + part])
        if (tokens[place * TOKEN_LENGTH + CODE_LENGTH + slot] !== 0)
          tokens.fill(0, place * TOKEN_LENGTH, place * TOKEN_LENGTH + CODE_LENGTH);
  return tokens;
}

/** Batches of noised latents with the tokens that the text encoder is to give for their captions; a pure function of the position. */
export function painterBatches(options: PainterBatchOptions): BatchFunction {
  const { store, scenes, codes, scaling, alphaBars, batchSize, dropout, singlesFirst } = options;
  const singles = Array.from({ length: store.length }, (_, i) => i).filter(
    (i) => painterScene(scenes, i).kind === 'single',
  );
  const length = MAX_TOKENS * TOKEN_LENGTH;
  return ({ imagesSeen, random }) => {
    const latent = new Float32Array(batchSize * LATENT_LENGTH);
    const tokens = random.normal(batchSize * length);
    const timesteps = timestepsOf(batchSize, alphaBars, random);
    for (let k = 0; k < batchSize; k++) {
      const position = imagesSeen + k;
      const pool = position < singlesFirst ? singles.length : store.length;
      const place = Math.floor(random.uniform() * pool);
      const index = position < singlesFirst ? singles[place]! : place;
      latent.set(scaled(store.latent(index), scaling), k * LATENT_LENGTH);
      const scene = random.uniform() < dropout ? undefined : painterScene(scenes, index);
      const spread = random.uniform() * TOKEN_NOISE;
      const lacks = random.uniform() < MISSING ? 1 + Math.floor(random.uniform() * (CODE_PARTS - 1)) : CODE_PARTS;
      const clean = withoutParts(captionTokens(scene, codes), lacks);
      for (let i = 0; i < length; i++) tokens[k * length + i] = clean[i]! + spread * tokens[k * length + i]!;
    }
    const each = (value: (alphaBar: number) => number): Float32Array =>
      Float32Array.from(timesteps, (t) => value(alphaBars[t]!));
    return {
      inputs: {
        latent,
        tokens,
        noise: random.normal(batchSize * LATENT_LENGTH),
        timestep: Float32Array.from(timesteps),
        signal: each(Math.sqrt),
        sigma: each((alphaBar) => Math.sqrt(1 - alphaBar)),
      },
      images: batchSize,
    };
  };
}
