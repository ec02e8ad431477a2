import type { ImageFeatureExtractor, OnProgress, RgbBatch } from './feature-extractor.js';
import { featureMatrix, type FeatureMatrix } from './feature-matrix.js';
import { contentKey, type FeatureCache } from './files/feature-cache.js';
import type { RgbPicture } from './resize/resize.js';

/** A picture that is read, and decoded only when its features are not known yet. */
export interface PictureSource {
  /** Named in errors. */
  readonly name: string;
  /** The bytes of its file. */
  read(): Promise<Uint8Array>;
  /** Those bytes as RGB at full size. */
  decode(bytes: Uint8Array): Promise<RgbPicture>;
}

/** Options of {@link cachedFeatures}. */
export interface CachedFeaturesOptions {
  readonly extractor: ImageFeatureExtractor;
  /** Without one every picture goes through the network. */
  readonly cache?: FeatureCache;
  /** Default 32. */
  readonly batchSize?: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

interface Prepared {
  readonly name: string;
  readonly key: string;
  /** Undefined when the cache has its features. */
  readonly picture: RgbPicture | undefined;
}

/**
 * Features of pictures in their order, batch by batch, through a cache. The next batch is read and decoded while the
 * network works on this one, so memory holds two batches.
 *
 * @throws RangeError naming the picture whose features are not finite; whatever `read` and `decode` throw.
 */
export async function* cachedFeatures(
  pictures: readonly PictureSource[],
  options: CachedFeaturesOptions,
): AsyncGenerator<FeatureMatrix> {
  const { extractor, cache, batchSize = 32, onProgress, signal } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new RangeError(`cachedFeatures: batchSize must be a positive integer, got ${batchSize}`);
  const prepareBatch = (start: number): Promise<Prepared[]> => {
    const batch = Promise.all(pictures.slice(start, start + batchSize).map((source) => prepare(source, cache)));
    batch.catch(() => undefined); // Reported when its turn comes.
    return batch;
  };
  let next = prepareBatch(0);
  for (let start = 0; start < pictures.length; start += batchSize) {
    signal?.throwIfAborted();
    const batch = await next;
    next = prepareBatch(start + batchSize);
    yield await batchFeatures(batch, extractor, cache);
    onProgress?.(start + batch.length);
  }
}

async function prepare(source: PictureSource, cache: FeatureCache | undefined): Promise<Prepared> {
  const bytes = await source.read();
  const key = cache ? contentKey(bytes) : '';
  return { name: source.name, key, picture: cache?.has(key) ? undefined : await source.decode(bytes) };
}

async function batchFeatures(
  batch: readonly Prepared[],
  extractor: ImageFeatureExtractor,
  cache: FeatureCache | undefined,
): Promise<FeatureMatrix> {
  const { dimensions } = extractor;
  const data = new Float32Array(batch.length * dimensions);
  for (const indices of sameSized(batch)) {
    const features = await extractor.extract(joined(indices.map((i) => batch[i]?.picture)));
    for (const [k, i] of indices.entries()) {
      const own = features.subarray(k * dimensions, (k + 1) * dimensions);
      const { name = '', key = '' } = batch[i] ?? {};
      if (own.length !== dimensions || !own.every(Number.isFinite))
        throw new RangeError(
          `${extractor.name}: features must be ${dimensions} finite numbers, got others for ${name}`,
        );
      data.set(own, i * dimensions);
      await cache?.put(key, own);
    }
  }
  for (const [i, { key, picture }] of batch.entries()) {
    if (!picture) data.set((await cache?.get(key)) ?? [], i * dimensions);
  }
  return featureMatrix(data, dimensions);
}

/** Indices of the pictures that the network must see, in groups of one size. */
function sameSized(batch: readonly Prepared[]): number[][] {
  const groups = new Map<string, number[]>();
  batch.forEach(({ picture }, i) => {
    if (!picture) return;
    const size = `${picture.width}×${picture.height}`;
    const group = groups.get(size);
    if (group) group.push(i);
    else groups.set(size, [i]);
  });
  return [...groups.values()];
}

function joined(pictures: readonly (RgbPicture | undefined)[]): RgbBatch {
  const [first] = pictures;
  const { height = 0, width = 0 } = first ?? {};
  const pixels = new Uint8Array(pictures.length * height * width * 3);
  pictures.forEach((picture, i) => pixels.set(picture?.pixels ?? [], i * height * width * 3));
  return { pixels, count: pictures.length, height, width };
}
