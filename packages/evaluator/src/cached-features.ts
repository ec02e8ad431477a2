import { LascauxError } from '@lascaux/nn';
import { wholePictureStages, type ExtractionStages, type ImageFeatureExtractor } from './feature-extractor.js';
import { featureMatrix, type FeatureMatrix } from './feature-matrix.js';
import { contentKey, type FeatureCache } from './files/feature-cache.js';
import { mapLimited } from './limited.js';
import type { RgbPicture } from './resize/resize.js';

/** A picture that is read, and decoded only when its features are not known yet. */
export interface PictureSource {
  /** Named in errors. */
  readonly name: string;
  /** The bytes of its file. */
  read(): Promise<Uint8Array>;
  /** Those bytes as RGB at full size. */
  decode(bytes: Uint8Array): Promise<RgbPicture>;
  /** Changes whenever the file does, say path, size and time of change: with it a known file is not even read. */
  stamp?(): Promise<string>;
}

/** Features of the pictures of one batch that could be read, in order. */
export interface FeatureBatch {
  readonly features: FeatureMatrix;
  /** For each row, the picture's index. */
  readonly indices: readonly number[];
}

/** Progress of an extraction, and the time spent waiting and working. */
export interface ExtractionProgress {
  /** Pictures dealt with. */
  readonly done: number;
  /** Of those, how many had their features in the cache. */
  readonly cached: number;
  /** Pictures whose file was read. */
  readonly read: number;
  /** Milliseconds in which the network waited for pictures, and in which it worked. */
  readonly waitingMs: number;
  readonly workingMs: number;
}

/** Options of {@link cachedFeatures}. */
export interface CachedFeaturesOptions {
  readonly extractor: ImageFeatureExtractor;
  /** Without one every picture goes through the network. */
  readonly cache?: FeatureCache;
  /** Default 32. */
  readonly batchSize?: number;
  readonly onProgress?: (progress: ExtractionProgress) => void;
  /** Called for a picture that cannot be read or decoded, which is then left out; without it the first one ends the run. */
  readonly onBad?: (index: number, error: Error) => void;
  readonly signal?: AbortSignal;
}

/** Pictures that are read and decoded at the same time; decoders have four threads unless told otherwise. */
const CONCURRENT = 8;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Prepared<Input> {
  readonly index: number;
  readonly name: string;
  readonly key: string;
  readonly error?: Error;
  /** What the network takes; undefined when the cache has the features or there was an error. */
  readonly input?: Input;
  readonly wasRead: boolean;
}

/**
 * Features of pictures in their order, batch by batch, through a cache. The next batch is read, decoded and resized while the network works
 * on this one, so memory holds two batches of prepared pictures, however many there are.
 *
 * @throws LascauxError naming the picture whose features are not finite; without `onBad`, whatever `read` and `decode` throw.
 */
export async function* cachedFeatures(
  pictures: readonly PictureSource[],
  options: CachedFeaturesOptions,
): AsyncGenerator<FeatureBatch> {
  const { extractor } = options;
  if (extractor.stages) yield* featureBatches(pictures, extractor.stages, options);
  else yield* featureBatches(pictures, wholePictureStages(extractor), options);
}

async function* featureBatches<Input>(
  pictures: readonly PictureSource[],
  stages: ExtractionStages<Input>,
  options: CachedFeaturesOptions,
): AsyncGenerator<FeatureBatch> {
  const { extractor, cache, batchSize = 32, onProgress, onBad, signal } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new LascauxError({
      operation: 'cachedFeatures',
      rule: 'batchSize must be a positive integer',
      value: batchSize,
    });
  const progress: Mutable<ExtractionProgress> = { done: 0, cached: 0, read: 0, waitingMs: 0, workingMs: 0 };
  const prepareBatch = (start: number): Promise<Prepared<Input>[]> => {
    const indices = pictures.slice(start, start + batchSize).map((_, i) => start + i);
    return mapLimited(indices, CONCURRENT, (index) => prepare(pictures[index]!, { index, cache, stages }));
  };
  let next = prepareBatch(0);
  for (let start = 0; start < pictures.length; start += batchSize) {
    signal?.throwIfAborted();
    const begin = performance.now();
    const batch = await next;
    const ready = performance.now();
    const good = batch.filter(({ index, error }) => {
      if (!error) return true;
      if (!onBad) throw error;
      onBad(index, error);
      return false;
    });
    const features = inferBatch(good, { extractor, stages, cache });
    next = prepareBatch(start + batchSize);
    const matrix = await features;
    progress.done = start + batch.length;
    progress.read += batch.filter(({ wasRead }) => wasRead).length;
    progress.cached += good.filter(({ input }) => !input).length;
    progress.waitingMs += ready - begin;
    progress.workingMs += performance.now() - ready;
    if (good.length > 0) yield { features: matrix, indices: good.map(({ index }) => index) };
    onProgress?.({ ...progress });
  }
}

/** Never rejects: a picture that cannot be read carries its error. */
async function prepare<Input>(
  source: PictureSource,
  options: { index: number; cache: FeatureCache | undefined; stages: ExtractionStages<Input> },
): Promise<Prepared<Input>> {
  const { index, cache, stages } = options;
  const { name } = source;
  let wasRead = false;
  try {
    const stamp = cache && (await source.stamp?.());
    const cachedKey = stamp === undefined ? undefined : cache?.keyOf(stamp);
    if (cachedKey !== undefined && cache?.has(cachedKey)) return { index, name, key: cachedKey, wasRead };
    wasRead = true;
    const bytes = await source.read();
    const key = cache ? contentKey(bytes) : '';
    const input = cache?.has(key) ? undefined : stages.prepare(await source.decode(bytes));
    if (stamp !== undefined) cache?.remember(stamp, key);
    return { index, name, key, input, wasRead };
  } catch (error) {
    return { index, name, key: '', error: asError(error, name), wasRead };
  }
}

const asError = (thrown: unknown, name: string): Error =>
  thrown instanceof Error ? thrown : new LascauxError({ operation: name, rule: String(thrown) });

async function inferBatch<Input>(
  batch: readonly Prepared<Input>[],
  options: { extractor: ImageFeatureExtractor; stages: ExtractionStages<Input>; cache: FeatureCache | undefined },
): Promise<FeatureMatrix> {
  const { extractor, stages, cache } = options;
  const { dimensions } = extractor;
  const data = new Float32Array(batch.length * dimensions);
  const inputs = batch.flatMap(({ input }) => (input === undefined ? [] : [input]));
  const features = inputs.length > 0 ? await stages.infer(inputs) : new Float32Array(0);
  let nextRow = 0;
  for (const [i, { name, key, input }] of batch.entries()) {
    const row = input ? features.subarray(nextRow * dimensions, ++nextRow * dimensions) : cache?.get(key);
    if (row?.length !== dimensions || !row.every(Number.isFinite))
      throw new LascauxError({
        operation: extractor.name,
        rule: `features must be ${dimensions} finite numbers, got others for ${name}`,
      });
    data.set(row, i * dimensions);
    if (input) cache?.put(key, row);
  }
  return featureMatrix(data, dimensions);
}
