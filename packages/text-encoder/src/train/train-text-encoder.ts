import { cachePixels, openImageFolder, shuffledIndices, toPixels } from '@lascaux/data';
import type { ImageSet } from '@lascaux/data';
import type { Engine } from '@lascaux/nn';
import { check } from '@lascaux/nn';
import type { CLIPTextConfig, CLIPVisionConfig } from '@lascaux/nn/networks';
import type { BatchFunction, TrainingProgress, TrainingResult } from '@lascaux/training';
import { learningRate, measureLimit, muon, train } from '@lascaux/training';
import { clipTokenizer, saveTokenizer, trainBpe } from '../index.js';
import type { ClipTokenizer } from '../index.js';
import { clipTrainingDefaults as defaults, defaultTextConfig, defaultVisionConfig } from './default-config.js';
import { DEFAULT_MAX_LENGTH, DEFAULT_VOCABULARY } from './default-config.js';
import { clipTrainingStep } from './step.js';

/** Options of `trainTextEncoder`. */
export interface TrainTextEncoderOptions {
  readonly engine: Engine;
  /** Folder of pictures with captions, or the opened set. */
  readonly data: string | ImageSet;
  /** Default: learned from the captions, see `learnTokenizer`. */
  readonly tokenizer?: ClipTokenizer;
  /** The run folder; the tokenizer is written to its `tokenizer/`. */
  readonly out: string;
  readonly text?: Partial<CLIPTextConfig>;
  readonly vision?: CLIPVisionConfig;
  /** Pairs to see before the run ends; default 30,000. */
  readonly images?: number;
  /** Default 64. */
  readonly batchSize?: number;
  readonly seed?: number;
  /** Highest learning rate; default 0.002. */
  readonly rate?: number;
  /** The machine's limit in floating-point operations per second, for the log; default: it is measured. */
  readonly limit?: number;
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** Learns a CLIP tokenizer from the captions of a set: at most `vocabulary` entries, captions of at most `maxLength` tokens. */
export function learnTokenizer(
  set: ImageSet,
  { vocabulary = DEFAULT_VOCABULARY, maxLength = DEFAULT_MAX_LENGTH } = {},
): ClipTokenizer {
  const captions = Array.from({ length: set.length }, (_, i) => set.caption(i));
  return clipTokenizer(trainBpe(captions, { vocabSize: vocabulary, maxLength }));
}

/** Rows that spread 1 over the equal captions of a batch: [B, B]. */
export function matchMatrix(captions: readonly string[]): Float32Array {
  const counts = new Map<string, number>();
  for (const caption of captions) counts.set(caption, (counts.get(caption) ?? 0) + 1);
  return Float32Array.from({ length: captions.length ** 2 }, (_, k) => {
    const [row, column] = [captions[Math.floor(k / captions.length)] as string, captions[k % captions.length]];
    return row === column ? 1 / (counts.get(row) as number) : 0;
  });
}

/** Batches of (picture, caption) pairs in seeded order, addressed by images seen. */
export function clipBatches(
  set: ImageSet,
  { tokenizer, batchSize, size, seed }: { tokenizer: ClipTokenizer; batchSize: number; size: number; seed: number },
): BatchFunction {
  const indexAt = shuffledIndices(set.length, seed);
  const length = 3 * size * size;
  return async ({ imagesSeen }) => {
    const indices = Array.from({ length: batchSize }, (_, k) => indexAt(imagesSeen + k));
    const captions = indices.map((index) => set.caption(index));
    const pixels = new Float32Array(batchSize * length);
    const fill = async (index: number, k: number): Promise<void> => {
      toPixels(
        await set.pixels(index, size),
        { height: size, width: size },
        pixels.subarray(k * length, (k + 1) * length),
      );
    };
    await Promise.all(indices.map(fill));
    const ids = BigInt64Array.from(
      captions.flatMap((caption) => tokenizer.encode(caption).ids),
      BigInt,
    );
    return { inputs: { ids, pixels, match: matchMatrix(captions) }, images: batchSize };
  };
}

/**
 * Learns a tokenizer from the captions of a folder and trains a small CLIP on its (picture, caption) pairs (Radford et al. 2021).
 * @throws {LascauxError} when the folder has no captions, and as `train` does
 */
export async function trainTextEncoder(options: TrainTextEncoderOptions): Promise<TrainingResult> {
  const {
    engine,
    data,
    out,
    vision = defaultVisionConfig,
    images = defaults.images,
    batchSize = defaults.batchSize,
    seed = defaults.seed,
    rate = defaults.rate,
  } = options;
  const set = cachePixels(typeof data === 'string' ? await openImageFolder(data) : data);
  check(set.captionSource !== 'none', {
    operation: 'train text-encoder: data',
    option: 'data',
    rule: 'the pictures need captions',
    value: typeof data === 'string' ? data : undefined,
    kind: 'usage',
  });
  const tokenizer = options.tokenizer ?? learnTokenizer(set);
  const text = { ...defaultTextConfig(tokenizer), ...options.text };
  await saveTokenizer(`${out}/tokenizer`, tokenizer);
  const step = clipTrainingStep({
    text,
    vision,
    batchSize,
    optimizer: muon({ betas: [0.9, 0.98], weightDecay: 0.1 }),
    clip: 1,
  });
  return train({
    engine,
    step,
    batch: clipBatches(set, { tokenizer, batchSize, size: vision.image_size, seed }),
    directory: out,
    seed,
    totalImages: images,
    learningRate: learningRate({ peak: rate, warmup: images / 15, decay: 'cosine', total: images, floor: 0.02 }),
    emaDecay: 0.99,
    config: { kind: 'text-encoder', text, vision, batchSize, rate, images },
    limit: options.limit ?? (await measureLimit(engine)),
    checkpointEvery: { minutes: 3 },
    logEvery: batchSize * 16,
    ...(options.resume === undefined ? {} : { resume: options.resume }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
}
