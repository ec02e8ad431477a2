import { LascauxError, check, randomStream, sizeOf } from '@lascaux/nn';
import type { RandomStream, TensorData } from '@lascaux/nn';
import type { TrainingStep } from './training-step.js';

/** Where a run stands. */
export interface Position {
  readonly imagesSeen: number;
  /** Optimisation steps done. */
  readonly step: number;
}

/** One batch: the arrays of the step's inputs by name (not to be overwritten before the step has run), and how many images they count for. */
export interface TrainingBatch {
  readonly inputs: Readonly<Record<string, TensorData>>;
  readonly images: number;
}

/**
 * Makes the batch of a position, noise included. Everything random must come from `random`, which belongs to (seed, images seen): then a
 * resumed run sees the same batches as one that never stopped.
 */
export type BatchFunction = (
  position: Position & { readonly random: RandomStream },
) => TrainingBatch | Promise<TrainingBatch>;

/** The stream of the batch that begins at `imagesSeen`. Why: docs/decisions/0045. */
export const batchStream = (seed: number, imagesSeen: number): RandomStream =>
  randomStream(seed).fork(`batch ${imagesSeen}`);

const arrayTypes = { float32: Float32Array, float16: Uint16Array, int32: Int32Array, int64: BigInt64Array };

/** @throws {LascauxError} when an array is missing, too long, too short or of the wrong type, or the image count is not above 0 */
export function checkBatch(step: TrainingStep, batch: TrainingBatch): void {
  for (const [name, { shape, dtype = 'float32' }] of Object.entries(step.batch)) {
    const data = batch.inputs[name];
    check(data !== undefined, () => ({ operation: 'batch', rule: 'an input is missing', value: name }));
    check(data instanceof arrayTypes[dtype], () => ({
      operation: `batch ${name}`,
      rule: `needs a ${arrayTypes[dtype].name}`,
      value: data.constructor.name,
    }));
    check(data.length === sizeOf(shape), () => ({
      operation: `batch ${name}`,
      rule: `needs ${sizeOf(shape)} elements`,
      value: data.length,
    }));
  }
  for (const name of Object.keys(batch.inputs))
    check(name in step.batch, () => ({
      operation: 'batch',
      rule: 'no such input',
      value: name,
      accepted: Object.keys(step.batch),
    }));
  check(Number.isInteger(batch.images) && batch.images > 0, {
    operation: 'batch',
    rule: 'images must be a whole number above 0',
    value: batch.images,
  });
}

/** Batches one after another, with `ahead` of them being made while the caller works. */
export interface BatchQueue {
  next(): Promise<TrainingBatch>;
  /** Makes no more; one that is in the making is dropped when it is done. */
  close(): void;
}

/** Options of `batchQueue`. */
export interface BatchQueueOptions {
  readonly batch: BatchFunction;
  readonly seed: number;
  readonly from: Position;
  readonly totalImages: number;
  /** Batches made ahead; default 2. */
  readonly ahead?: number;
}

/** Makes batches ahead of time; each starts where the one before it ended. */
export function batchQueue({ batch, seed, from, totalImages, ahead = 2 }: BatchQueueOptions): BatchQueue {
  const waiting: Promise<TrainingBatch>[] = [];
  let last = Promise.resolve(from);
  let closed = false;

  function enqueue(): void {
    const made = last.then(async (position) => {
      if (closed || position.imagesSeen >= totalImages) return undefined;
      const result = await batch({ ...position, random: batchStream(seed, position.imagesSeen) });
      return { result, position: { imagesSeen: position.imagesSeen + result.images, step: position.step + 1 } };
    });
    last = made.then((item) => item?.position ?? { imagesSeen: Infinity, step: 0 });
    last.catch(() => undefined);
    const promise = made.then((item) => {
      if (item === undefined)
        throw new LascauxError({ operation: 'batch', rule: 'no batch is left', value: totalImages });
      return item.result;
    });
    // Whoever awaits it sees the error; until then it must not count as unhandled.
    promise.catch(() => undefined);
    waiting.push(promise);
  }

  for (let i = 0; i < ahead; i++) enqueue();
  return {
    next: () => {
      enqueue();
      return waiting.shift() as Promise<TrainingBatch>;
    },
    close: () => {
      closed = true;
    },
  };
}
