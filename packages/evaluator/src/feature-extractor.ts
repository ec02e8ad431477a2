import { featureMatrix, type FeatureMatrix } from './feature-matrix.js';
import { createMomentsAccumulator, type FeatureMoments } from './moments.js';

/** Pictures of one size on their way into a network: RGB bytes, [count][height][width][3]. */
export interface RgbBatch {
  readonly pixels: Uint8Array | Uint8ClampedArray;
  readonly count: number;
  readonly height: number;
  readonly width: number;
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
  /** Releases native memory. */
  dispose?(): Promise<void>;
}

/** Called after each batch with the number of pictures done. */
export type OnProgress = (done: number) => void;

/**
 * All features of a stream of batches, in order.
 *
 * @throws RangeError when the extractor returns another number of values, or one is not finite (naming the picture).
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
    throw new RangeError(`${name}: ${count} images must give ${count}×${dimensions} features, got ${features.length}`);
  }
  const bad = features.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new RangeError(
      `${name}: features must be finite, got ${features[bad]} for image ${done + Math.floor(bad / dimensions)}`,
    );
}
