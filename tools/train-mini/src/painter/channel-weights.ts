import { join } from 'node:path';
import { randomStream, type Engine } from '@lascaux/nn';
import { aloneScene, STYLES, type Atlas } from '@lascaux/scenes';
import type { FinishedVae } from './finished-vae.js';
import { LATENT_CHANNELS, LATENT_LENGTH, latentStore, scaled } from './latent-store.js';
import { openDecoder } from './open-decoder.js';

/** Drawings that are looked at, on grounds by turns. */
const COUNT = 48;
const BATCH = 16;
const GROUNDS = ['white', 'black', 'blue'];
/** How far each number of a channel is moved, up or down. */
const MOVED = 0.5;

/** Options of `measureChannelWeights`. */
export interface ChannelWeightsOptions {
  readonly engine: Engine;
  readonly atlas: Atlas;
  /** As it was trained, its channels not weighed. */
  readonly vae: FinishedVae;
  /** Folder for the latents of the drawings that are looked at. */
  readonly directory: string;
}

/**
 * How much an image changes when a channel of its latent does: the root mean square change of the pixels for that of the channel, times a factor
 * that gives weighed latents a mean square of 1. A VAE gives every number of its latents nearly the same size, however little it shows.
 */
export async function measureChannelWeights(options: ChannelWeightsOptions): Promise<readonly number[]> {
  const { engine, atlas, vae, directory } = options;
  const every = Math.floor((atlas.emojis.length * STYLES.length) / COUNT);
  const store = await latentStore({
    ...{ path: join(directory, 'looked-at.bin'), engine, atlas, weights: vae.weights, count: COUNT },
    scene: (i) => {
      const drawing = i * every + (i % STYLES.length);
      const style = STYLES[drawing % STYLES.length]!;
      return aloneScene({
        emoji: Math.floor(drawing / STYLES.length),
        style,
        ground: GROUNDS[i % GROUNDS.length]!,
        isHalf: false,
      });
    },
  });
  const { decode, dispose } = await openDecoder(engine, vae.weights, BATCH);
  const changes = new Float64Array(LATENT_CHANNELS);
  const squares = new Float64Array(LATENT_CHANNELS);
  const cells = LATENT_LENGTH / LATENT_CHANNELS;
  for (let first = 0; first < COUNT; first += BATCH) {
    const latents = new Float32Array(BATCH * LATENT_LENGTH);
    for (let k = 0; k < BATCH; k++) {
      latents.set(store.latent(first + k), k * LATENT_LENGTH);
      scaled(store.latent(first + k), vae.scaling).forEach(
        (value, i) => (squares[Math.floor(i / cells)]! += value ** 2),
      );
    }
    const before = await decode(latents);
    const signs = randomStream(first).normal(latents.length).map(Math.sign);
    for (let c = 0; c < LATENT_CHANNELS; c++) {
      const own = (i: number): boolean => Math.floor((i % LATENT_LENGTH) / cells) === c;
      const after = await decode(latents.map((value, i) => (own(i) ? value + MOVED * signs[i]! : value)));
      after.forEach((value, i) => (changes[c]! += (value - before[i]!) ** 2));
    }
  }
  await dispose();
  const visible = [...changes].map(Math.sqrt);
  const meanSquare = visible.reduce((sum, change, c) => sum + change ** 2 * squares[c]!, 0) / (COUNT * LATENT_LENGTH);
  return visible.map((change) => Number((change / Math.sqrt(meanSquare)).toFixed(3)));
}
