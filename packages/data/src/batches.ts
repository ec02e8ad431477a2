import { LascauxError } from '@lascaux/nn';
import type { ImageSet } from './image-set.js';
import { toPixels } from './pixels.js';
import { shuffledIndices } from './shuffle.js';

/** How to batch. */
export interface BatchOptions {
  /** Pictures in a batch. */
  readonly batchSize: number;
  /** Side of the pictures in pixels. */
  readonly size: number;
  /** Seed of the order. */
  readonly seed: number;
  /** Pictures already seen: where the stream goes on. 0 starts it. */
  readonly imagesSeen?: number;
  /** Batches that are prepared ahead. */
  readonly prefetch?: number;
  /** False gives pictures in their own order, epoch after epoch. */
  readonly shuffle?: boolean;
  /** Ends the stream with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Pictures with what belongs to them. */
export interface ImageBatch {
  /** [batchSize, 3, size, size] in [−1, 1]. */
  readonly pixels: Float32Array;
  /** Indices into the set. */
  readonly indices: readonly number[];
  readonly captions: readonly string[];
  /** Pictures seen once this batch is done: the state to save. */
  readonly imagesSeen: number;
  /** Milliseconds that the consumer waited for this batch. */
  readonly waitMs: number;
}

/**
 * An endless stream of batches in seeded order; it runs on across epochs, so every batch is full. The state is the seed
 * and the number of images seen. Decoding runs in libuv's threads while the consumer works on the batch before.
 * Throws when the set is empty or a number is out of range; rejects with the file's name when a picture cannot be read.
 */
export async function* batches(set: ImageSet, options: BatchOptions): AsyncGenerator<ImageBatch, never, undefined> {
  const { batchSize, size, seed, imagesSeen = 0, prefetch = 2, shuffle = true, signal } = options;
  requireWhole('batchSize', batchSize, 1);
  requireWhole('size', size, 1);
  requireWhole('imagesSeen', imagesSeen, 0);
  requireWhole('prefetch', prefetch, 0);
  if (set.length === 0)
    throw new LascauxError({ operation: 'batches', rule: 'the set must hold at least one picture, got 0' });
  const indexAt = shuffle ? shuffledIndices(set.length, seed) : (position: number) => position % set.length;

  let position = imagesSeen;
  const pending: Promise<Omit<ImageBatch, 'waitMs'>>[] = [];
  const startOne = (): void => {
    const indices = Array.from({ length: batchSize }, (_, k) => indexAt(position + k));
    position += batchSize;
    const batch = loadBatch(set, { indices, size, imagesSeen: position });
    batch.catch(() => undefined); // reported when its turn comes
    pending.push(batch);
  };
  for (;;) {
    signal?.throwIfAborted();
    while (pending.length <= prefetch) startOne();
    const asked = performance.now();
    const batch = await pending.shift()!;
    yield { ...batch, waitMs: performance.now() - asked };
  }
}

async function loadBatch(
  set: ImageSet,
  { indices, size, imagesSeen }: { indices: number[]; size: number; imagesSeen: number },
): Promise<Omit<ImageBatch, 'waitMs'>> {
  const length = 3 * size * size;
  const pixels = new Float32Array(indices.length * length);
  const fill = async (index: number, k: number): Promise<void> => {
    const bytes = await set.pixels(index, size);
    toPixels(bytes, { height: size, width: size }, pixels.subarray(k * length, (k + 1) * length));
  };
  await Promise.all(indices.map(fill));
  return { pixels, indices, captions: indices.map((index) => set.caption(index)), imagesSeen };
}

function requireWhole(name: string, value: number, min: number): void {
  if (!Number.isInteger(value) || value < min) {
    throw new LascauxError({ operation: 'batches', rule: `${name} must be a whole number of at least ${min}`, value });
  }
}
