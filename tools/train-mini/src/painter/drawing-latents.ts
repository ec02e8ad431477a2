import { join } from 'node:path';
import type { Engine } from '@lascaux/nn';
import { aloneScene, STYLES, type Atlas } from '@lascaux/scenes';
import type { FinishedVae } from './finished-vae.js';
import { LATENT_SIDE, latentStore, scaled } from './latent-store.js';

/** A role that drawings play in scenes, and how much its latents count in their codes; 0: not at all. */
interface DrawingRole {
  readonly ground: string;
  readonly isHalf: boolean;
  readonly weight: number;
}

/** Over the whole image on white and on black, and half as large on white and on black. */
export const DRAWING_ROLES: readonly DrawingRole[] = [
  { ground: 'white', isHalf: false, weight: 1 },
  { ground: 'black', isHalf: false, weight: 0.7 },
  { ground: 'white', isHalf: true, weight: 1 },
  { ground: 'black', isHalf: true, weight: 0 },
];

/** Rows and columns of the latent that a half-size drawing in the middle covers. */
const [HALF_BEGIN, HALF_END] = [LATENT_SIDE / 4, (3 * LATENT_SIDE) / 4];

/** Latents of all drawings in all roles, scaled. */
export interface DrawingLatents {
  /** How many drawings: emoji by emoji, each in all styles. */
  readonly count: number;
  /** Latent of a drawing in a role: [C, 8, 8], or [C, 4, 4] of what a half-size one covers. */
  readonly latent: (role: number, drawing: number) => Float32Array;
}

/** Options of `drawingLatents`. */
export interface DrawingLatentsOptions {
  readonly engine: Engine;
  readonly atlas: Atlas;
  readonly vae: FinishedVae;
  /** Folder of the runs; the latents are kept in its `drawings.bin`. */
  readonly runs: string;
  readonly signal?: AbortSignal | undefined;
}

/** The cells that a half-size drawing covers: [C, 8, 8] → [C, 4, 4]. */
const covered = (latent: Float32Array): Float32Array =>
  latent.filter((_, i) => {
    const [row, column] = [Math.floor(i / LATENT_SIDE) % LATENT_SIDE, i % LATENT_SIDE];
    return [row, column].every((place) => place >= HALF_BEGIN && place < HALF_END);
  });

/** Encodes every drawing in every role, or reads what an earlier call has encoded. Fewer than all when aborted. */
export async function drawingLatents(options: DrawingLatentsOptions): Promise<DrawingLatents> {
  const { engine, atlas, vae, runs, signal } = options;
  const count = atlas.emojis.length * STYLES.length;
  const store = await latentStore({
    ...{ path: join(runs, 'drawings.bin'), engine, atlas, weights: vae.weights, count: DRAWING_ROLES.length * count },
    scene: (i) => {
      const { ground, isHalf } = DRAWING_ROLES[Math.floor(i / count)]!;
      const drawing = i % count;
      return aloneScene({
        emoji: Math.floor(drawing / STYLES.length),
        style: STYLES[drawing % STYLES.length]!,
        ground,
        isHalf,
      });
    },
    ...(signal === undefined ? {} : { signal }),
    onProgress: (done, total) => {
      if (done % 2048 === 0) console.error(`latents of drawings: ${done} of ${total}`);
    },
  });
  signal?.throwIfAborted();
  return {
    count,
    latent: (role, drawing) => {
      const latent = scaled(store.latent(role * count + drawing), vae.scaling);
      return DRAWING_ROLES[role]!.isHalf ? covered(latent) : latent;
    },
  };
}
