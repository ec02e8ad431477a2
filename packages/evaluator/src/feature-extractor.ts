import { LascauxError } from '@lascaux/nn';
import { featureMatrix, type FeatureMatrix } from './feature-matrix.js';
import { createMomentsAccumulator, type FeatureMoments } from './moments.js';
import type { RgbPicture } from './resize/resize.js';

/** Pictures of one size on their way into a network: RGB bytes, [count][height][width][3]. */
export interface RgbBatch {
  readonly pixels: Uint8Array | Uint8ClampedArray;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/** Extraction in two halves. */
export interface ExtractionStages<Input = Float32Array> {
  /** Resizes and normalises one picture: what the network takes, of the same length for every picture. */
  prepare(picture: RgbPicture): Input;
  /** Features of prepared pictures, row-major. */
  infer(prepared: readonly Input[]): Promise<Float32Array>;
}

/** Something that turns pictures into features: an Inception trunk, a CLIP image encoder, a classifier. */
export interface ImageFeatureExtractor {
  /** Names the network and its preprocessing, such as "inception-768-clean"; part of every reported figure. */
  readonly name: string;
  readonly dimensions: number;
  /** Changes whenever name or weights do; names the file of cached features. */
  readonly fingerprint?: string;
  /** Features of each picture, row-major `count`×`dimensions`. */
  extract(batch: RgbBatch): Promise<Float32Array>;
  /** The two halves of `extract`, where they can be had apart: pictures of any sizes are prepared while the network works. */
  readonly stages?: ExtractionStages;
  /** Releases native memory. */
  dispose?(): Promise<void>;
}

/** Called after each batch with the number of pictures done. */
export type OnProgress = (done: number) => void;

/**
 * All features of a stream of batches, in order.
 *
 * @throws LascauxError when the extractor returns another number of values, or one is not finite (naming the picture).
 */
export async function extractFeatures(
  extractor: ImageFeatureExtractor,
  batches: Iterable<RgbBatch> | AsyncIterable<RgbBatch>,
  options: { onProgress?: OnProgress; signal?: AbortSignal } = {},
): Promise<FeatureMatrix> {
  const parts: Float32Array[] = [];
  for await (const { features } of featureBatches(extractor, batches, options)) parts.push(features);
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (data.set(part, at), at + part.length), 0);
  return featureMatrix(data, extractor.dimensions);
}

/** Mean and covariance of the features of a stream of batches; memory does not grow with the number of pictures. */
export async function extractMoments(
  extractor: ImageFeatureExtractor,
  batches: Iterable<RgbBatch> | AsyncIterable<RgbBatch>,
  options: { onProgress?: OnProgress; signal?: AbortSignal } = {},
): Promise<FeatureMoments> {
  const accumulator = createMomentsAccumulator(extractor.dimensions);
  for await (const { features } of featureBatches(extractor, batches, options)) {
    accumulator.add(featureMatrix(features, extractor.dimensions));
  }
  return accumulator.moments();
}

async function* featureBatches(
  extractor: ImageFeatureExtractor,
  batches: Iterable<RgbBatch> | AsyncIterable<RgbBatch>,
  { onProgress, signal }: { onProgress?: OnProgress; signal?: AbortSignal },
): AsyncGenerator<{ features: Float32Array }> {
  let done = 0;
  for await (const batch of batches) {
    signal?.throwIfAborted();
    const features = await extractor.extract(batch);
    checkFeatures(features, { extractor, count: batch.count, done });
    yield { features };
    done += batch.count;
    onProgress?.(done);
  }
}

function checkFeatures(
  features: Float32Array,
  expected: { extractor: ImageFeatureExtractor; count: number; done: number },
): void {
  const { extractor, count, done } = expected;
  const { name, dimensions } = extractor;
  if (features.length !== count * dimensions) {
    throw new LascauxError({
      operation: name,
      rule: `${count} images must give ${count}×${dimensions} features`,
      value: features.length,
    });
  }
  const bad = features.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new LascauxError({
      operation: name,
      rule: `features must be finite, got ${features[bad]} for image ${done + Math.floor(bad / dimensions)}`,
    });
}

/** `extract` made of its halves. */
export const extractInStages =
  (stages: ExtractionStages) =>
  ({ pixels, count, height, width }: RgbBatch): Promise<Float32Array> => {
    const bytes = 3 * height * width;
    const picture = (i: number): RgbPicture => ({ pixels: pixels.subarray(i * bytes, (i + 1) * bytes), height, width });
    return stages.infer(Array.from({ length: count }, (_, i) => stages.prepare(picture(i))));
  };

/** Arrays of one length behind each other. */
export function concatenated(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const length = parts[0]?.length ?? 0;
  const all = new Float32Array(parts.length * length);
  parts.forEach((part, i) => all.set(part, i * length));
  return all;
}

/** The halves of an extractor that has no others: pictures are handed on as they are, those of one size together. */
export function wholePictureStages(extractor: ImageFeatureExtractor): ExtractionStages<RgbPicture> {
  return {
    prepare: (picture) => picture,
    async infer(pictures) {
      const rows = new Array<Float32Array>(pictures.length);
      for (const indices of sameSized(pictures)) {
        const features = await extractor.extract(joined(indices.map((i) => pictures[i]!)));
        const columns = features.length / indices.length;
        indices.forEach((i, k) => (rows[i] = features.subarray(k * columns, (k + 1) * columns)));
      }
      return concatenated(rows);
    },
  };
}

/** Indices of pictures in groups of one size. */
function sameSized(pictures: readonly RgbPicture[]): number[][] {
  const groups = new Map<string, number[]>();
  pictures.forEach(({ width, height }, i) => {
    const size = `${width}×${height}`;
    const group = groups.get(size);
    if (group) group.push(i);
    else groups.set(size, [i]);
  });
  return [...groups.values()];
}

function joined(pictures: readonly RgbPicture[]): RgbBatch {
  const { height = 0, width = 0 } = pictures[0] ?? {};
  const pixels = new Uint8Array(pictures.length * height * width * 3);
  pictures.forEach((picture, i) => pixels.set(picture.pixels, i * height * width * 3));
  return { pixels, count: pictures.length, height, width };
}
