import { existsSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { toPixels } from '@lascaux/data';
import type { Engine } from '@lascaux/nn';
import { fromFloat16, LascauxError, toFloat16, trace } from '@lascaux/nn';
import { paintScene, type Atlas, type PainterScene } from '@lascaux/scenes';
import { autoencoder, posteriorValues } from '@lascaux/vae/train';
import { painterVaeConfig } from './networks.js';

/** Width and height of the images. */
export const IMAGE_SIDE = 256;
const BATCH = 16;
/** Channels of a latent, and cells of its side. */
export const [LATENT_CHANNELS, LATENT_SIDE] = [32, 8] as const;
/** Numbers of a latent. */
export const LATENT_LENGTH = LATENT_CHANNELS * LATENT_SIDE ** 2;
const BYTES = LATENT_LENGTH * Uint16Array.BYTES_PER_ELEMENT;

/** Latents of scenes, in memory in half precision. */
export interface LatentStore {
  readonly length: number;
  /** The posterior's mean for scene i, as the encoder gives it: not scaled. */
  latent(i: number): Float32Array;
}

/** How raw latents become those of mean 0 and deviation 1. */
export interface Scaling {
  readonly scalingFactor: number;
  readonly shiftFactor: number;
}

/** The scaled latent. */
export const scaled = (raw: Float32Array, { scalingFactor, shiftFactor }: Scaling): Float32Array =>
  raw.map((value) => scalingFactor * (value - shiftFactor));

/** The raw latent of a scaled one. */
export const unscaled = (latent: Float32Array, { scalingFactor, shiftFactor }: Scaling): Float32Array =>
  latent.map((value) => value / scalingFactor + shiftFactor);

/** Options of `latentStore`. */
export interface LatentStoreOptions {
  readonly path: string;
  readonly engine: Engine;
  readonly atlas: Atlas;
  /** Scene i. */
  readonly scene: (i: number) => PainterScene;
  /** How many scenes. */
  readonly count: number;
  /** The VAE's weights by name. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Encodes scenes in batches and appends them to the file, going on where an earlier call stopped. */
async function encodeMissing({
  path,
  engine,
  atlas,
  scene,
  count,
  weights,
  signal,
  onProgress,
}: LatentStoreOptions): Promise<void> {
  const first = existsSync(path) ? Math.floor(statSync(path).size / (BATCH * BYTES)) * BATCH : 0;
  if (first >= count) return;
  const { encode } = autoencoder(painterVaeConfig);
  const shape = [BATCH, 3, IMAGE_SIDE, IMAGE_SIDE];
  const program = trace({ pixels: { shape } }, (scope, { pixels }) => ({
    mean: posteriorValues(encode(scope, pixels)).mean,
  }));
  const executable = await engine.compile(program);
  const parameters = Object.fromEntries(
    program.inputs.flatMap(({ name, parameter }) => {
      if (parameter === undefined) return [];
      const values = weights.get(parameter.name);
      if (values === undefined)
        throw new LascauxError({ operation: 'latents', rule: 'the VAE lacks a weight', value: name });
      return [[name, engine.upload(values, parameter.shape)]];
    }),
  );
  const file = await open(path, existsSync(path) ? 'r+' : 'w');
  try {
    for (let i = first; i < count && signal?.aborted !== true; i += BATCH) {
      const pixels = new Float32Array(BATCH * 3 * IMAGE_SIDE ** 2);
      for (let k = 0; k < BATCH && i + k < count; k++)
        toPixels(
          paintScene(atlas, scene(i + k)),
          { height: IMAGE_SIDE, width: IMAGE_SIDE },
          pixels.subarray(k * 3 * IMAGE_SIDE ** 2, (k + 1) * 3 * IMAGE_SIDE ** 2),
        );
      const input = engine.upload(pixels, shape);
      const { mean } = await executable.run({ ...parameters, pixels: input });
      const bits = toFloat16((await mean!.read()) as Float32Array);
      await file.write(new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength), 0, bits.byteLength, i * BYTES);
      mean!.dispose();
      input.dispose();
      onProgress?.(Math.min(count, i + BATCH), count);
    }
  } finally {
    await file.close();
    await executable.dispose();
  }
}

/** The latents of scenes 0 … count − 1, read from the file after the missing ones were made. Fewer when aborted. */
export async function latentStore(options: LatentStoreOptions): Promise<LatentStore> {
  await encodeMissing(options);
  const file = await open(options.path, 'r');
  try {
    const { size } = await file.stat();
    const length = Math.min(options.count, Math.floor(size / BYTES));
    const bits = new Uint16Array(length * LATENT_LENGTH);
    const bytes = new Uint8Array(bits.buffer);
    // Reads of over 2 GiB are cut short.
    for (let at = 0; at < bytes.length;)
      at += (await file.read(bytes, at, Math.min(2 ** 30, bytes.length - at), at)).bytesRead;
    return { length, latent: (i) => fromFloat16(bits.subarray(i * LATENT_LENGTH, (i + 1) * LATENT_LENGTH)) };
  } finally {
    await file.close();
  }
}
