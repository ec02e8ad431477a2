import type { Engine } from '@lascaux/nn';
import type { UNet2DConditionConfig } from '@lascaux/nn/networks';
import type { TrainingProgress, TrainingResult, TrainingView, TrainOptions } from '@lascaux/training';
import { learningRate, measureLimit, muon, train } from '@lascaux/training';
import { alphaBars } from '../schedule/alpha-bars.js';
import type { LatentSet } from './batches.js';
import { denoiserBatches } from './batches.js';
import type { NoiseProcess } from './default-config.js';
import { defaultProcess, defaultUnetConfig, denoiserTrainingDefaults as defaults } from './default-config.js';
import { denoiserTrainingStep } from './step.js';

/** Options of `trainDenoiser`. */
export interface TrainDenoiserOptions {
  readonly engine: Engine;
  /** Latents and embedded captions, held in memory. */
  readonly set: LatentSet;
  /** Index of the picture at a position of the run, e.g. `shuffledIndices` of @lascaux/data. */
  readonly indexAt: (position: number) => number;
  /** The run folder. */
  readonly out: string;
  readonly config?: UNet2DConditionConfig;
  readonly process?: NoiseProcess;
  /** Height and width of a latent in cells; default the config's `sample_size`. */
  readonly cells?: number;
  /** Samples to see before the run ends; default 300,000. */
  readonly images?: number;
  /** Default 64. */
  readonly batchSize?: number;
  readonly seed?: number;
  /** Highest learning rate; default 0.002. */
  readonly rate?: number;
  /** Share of captions dropped for guidance; default 0.1. */
  readonly dropout?: number;
  /** γ of min-SNR weighting; default Infinity, none: with a velocity target it would take the weight from the noisy timesteps that decide the shapes. */
  readonly gamma?: number;
  /** First values of parameters by name, e.g. a finished model's weights; the others are drawn. */
  readonly initial?: ReadonlyMap<string, Float32Array>;
  /** The machine's limit in floating-point operations per second, for the log; default: it is measured. */
  readonly limit?: number;
  /** Threads that share each batch; as `train` has it. */
  readonly replicas?: TrainOptions['replicas'];
  /** Shares of a batch taken one after another; as `train` has it. */
  readonly accumulation?: number;
  readonly onSharing?: TrainOptions['onSharing'];
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Makes sample pictures from the weights so far. */
  readonly onSample?: (view: TrainingView) => Promise<void>;
  /** Samples between calls of `onSample`; default a twentieth of the run. */
  readonly sampleEvery?: number;
}

/**
 * Trains a UNet to denoise latents given embedded captions (Ho et al. 2020, Algorithm 1; Rombach et al. 2022).
 * @throws {LascauxError} as `train` does
 */
export async function trainDenoiser(options: TrainDenoiserOptions): Promise<TrainingResult> {
  const {
    engine,
    set,
    indexAt,
    out,
    config = defaultUnetConfig,
    process = defaultProcess,
    images = defaults.images,
    batchSize = defaults.batchSize,
  } = options;
  const { seed = defaults.seed, rate = defaults.rate, dropout = defaults.dropout, gamma = defaults.gamma } = options;
  const cells = options.cells ?? (typeof config.sample_size === 'number' ? config.sample_size : 8);
  const tokens = set.unconditional.length / config.cross_attention_dim;
  const target = process.prediction_type;
  const step = denoiserTrainingStep({
    config,
    batchSize,
    cells,
    tokens,
    target,
    optimizer: muon({ betas: [0.9, 0.99], weightDecay: 0.01 }),
    clip: 1,
  });
  return train({
    engine,
    step,
    batch: denoiserBatches(set, {
      batchSize,
      indexAt,
      noising: { alphaBars: alphaBars(process), target, dropout, gamma },
    }),
    directory: out,
    seed,
    totalImages: images,
    learningRate: learningRate({
      peak: rate,
      warmup: Math.min(10_000, images / 20),
      decay: 'cosine',
      decayFrom: images / 2,
      total: images,
      floor: 0.02,
    }),
    emaDecay: 0.998,
    config: { kind: 'denoiser', network: config, process, batchSize, rate, dropout, gamma, images },
    limit: options.limit ?? (await measureLimit(engine)),
    checkpointEvery: { minutes: 4 },
    logEvery: batchSize * 16,
    ...(options.sampleEvery === undefined ? {} : { sampleEvery: options.sampleEvery }),
    ...(options.initial === undefined ? {} : { initial: options.initial }),
    ...(options.replicas === undefined ? {} : { replicas: options.replicas }),
    ...(options.accumulation === undefined ? {} : { accumulation: options.accumulation }),
    ...(options.onSharing === undefined ? {} : { onSharing: options.onSharing }),
    ...(options.resume === undefined ? {} : { resume: options.resume }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    ...(options.onSample === undefined ? {} : { onSample: options.onSample }),
  });
}
