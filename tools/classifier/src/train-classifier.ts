import { join } from 'node:path';
import { randomStream, type Engine } from '@lascaux/nn';
import { learningRate, muon, train, type BatchFunction, type TrainingProgress } from '@lascaux/training';
import { createAugmenter, GENERATIVE_LOOK, type Augmentation } from './augment.js';
import { exportClassifier } from './export-classifier.js';
import { defaultClassifierConfig, type ClassifierConfig } from './network.js';
import { folderRenders, type Renders } from './renders.js';
import { classifierStep } from './step.js';

/** Options of `trainClassifier`. */
export interface TrainClassifierOptions {
  readonly engine: Engine;
  /** Renders; a folder is an imagefolder whose metadata has a column `noun`, of which the training split is read where it has splits. */
  readonly data: string | Renders;
  /** The run folder; the trained classifier is put into it as well. */
  readonly out: string;
  /** Pictures to see; default 120,000. */
  readonly images?: number;
  /** Default 64. */
  readonly batchSize?: number;
  readonly seed?: number;
  /** Highest learning rate; default 0.003. */
  readonly rate?: number;
  /** Default: `defaultClassifierConfig` over the nouns of the data. */
  readonly config?: ClassifierConfig;
  readonly augmentation?: Augmentation;
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** Trains a classifier on renders and writes it to the run folder (see `exportClassifier`). Gives the folder of the classifier. */
export async function trainClassifier(options: TrainClassifierOptions): Promise<string> {
  const { engine, data, out, images = 120_000, batchSize = 64, seed = 0, rate = 3e-3 } = options;
  const renders = typeof data === 'string' ? await folderRenders(data, seed) : data;
  const config = options.config ?? defaultClassifierConfig(renders.nouns);
  const augmentation = options.augmentation ?? GENERATIVE_LOOK;
  const optimizer = muon({ betas: [0.9, 0.99], weightDecay: 0.02 });
  const { checkpoint } = await train({
    engine,
    step: classifierStep({ config, batchSize, optimizer }),
    batch: labelledBatches(renders, { config, batchSize, seed, augmentation }),
    directory: out,
    seed,
    totalImages: images,
    learningRate: learningRate({ peak: rate, warmup: images / 30, decay: 'cosine', total: images, floor: 0.01 }),
    emaDecay: 0.995,
    config: { kind: 'classifier', network: config, batchSize, rate, images, augmentation },
    checkpointEvery: { minutes: 3 },
    logEvery: 10 * batchSize,
    resume: options.resume ?? false,
    signal: options.signal,
    onProgress: options.onProgress,
  });
  const directory = join(out, 'model');
  await exportClassifier({ checkpoint, directory, config });
  return directory;
}

/** Augmented images with their labels, addressed by images seen. */
function labelledBatches(
  renders: Renders,
  options: { config: ClassifierConfig; batchSize: number; seed: number; augmentation: Augmentation },
): BatchFunction {
  const { config, batchSize, seed, augmentation } = options;
  const size = config.sample_size;
  const length = 3 * size * size;
  const labelOf = new Map(config.nouns.map((noun, label) => [noun, label]));
  const augmenter = createAugmenter(size, augmentation, randomStream(seed).fork('noise'));
  return async ({ imagesSeen, random }) => {
    const shown = await Promise.all(Array.from({ length: batchSize }, (_, k) => renders.render(imagesSeen + k, size)));
    const pixels = new Float32Array(batchSize * length);
    shown.forEach(({ bytes }, k) => augmenter.augment(bytes, random, pixels.subarray(k * length, (k + 1) * length)));
    return {
      inputs: { pixels, labels: BigInt64Array.from(shown, ({ noun }) => BigInt(labelOf.get(noun)!)) },
      images: batchSize,
    };
  };
}
