import type { RandomStream } from '@lascaux/nn';
import { painterScene, type SceneSource } from '@lascaux/scenes';
import type { BatchFunction } from '@lascaux/training';
import type { AppearanceCodes } from './appearance.js';
import { LATENT_LENGTH, scaled, type LatentStore, type Scaling } from './latent-store.js';
import { captionTokens, MAX_TOKENS, TOKEN_LENGTH } from './slot-tokens.js';

/** Options of `painterBatches`. */
export interface PainterBatchOptions {
  readonly store: LatentStore;
  readonly scenes: SceneSource;
  readonly codes: AppearanceCodes;
  readonly scaling: Scaling;
  /** ᾱ of every timestep. */
  readonly alphaBars: ArrayLike<number>;
  readonly batchSize: number;
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
const TOKEN_NOISE = 0.05;

/** Batches of noised latents with the tokens that the text encoder is to give for their captions; a pure function of the position. */
export function painterBatches(options: PainterBatchOptions): BatchFunction {
  const { store, scenes, codes, scaling, alphaBars, batchSize } = options;
  const length = MAX_TOKENS * TOKEN_LENGTH;
  return ({ random }) => {
    const latent = new Float32Array(batchSize * LATENT_LENGTH);
    const tokens = random.normal(batchSize * length);
    const timesteps = timestepsOf(batchSize, alphaBars, random);
    for (let k = 0; k < batchSize; k++) {
      const index = Math.floor(random.uniform() * store.length);
      latent.set(scaled(store.latent(index), scaling), k * LATENT_LENGTH);
      const spread = random.uniform() * TOKEN_NOISE;
      const clean = captionTokens(painterScene(scenes, index), codes);
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
