import { cachePixels, indexOrder, openImageFolder, saveGrid, toPixels } from '@lascaux/data';
import type { ImageSet } from '@lascaux/data';
import type { Engine } from '@lascaux/nn';
import { check } from '@lascaux/nn';
import type { BatchFunction, TrainingProgress, TrainingResult, TrainOptions } from '@lascaux/training';
import { learningRate, measureLimit, muon, train } from '@lascaux/training';
import type { AutoencoderConfig } from './autoencoder.js';
import { autoencoder } from './autoencoder.js';
import { defaultVaeConfig, vaeTrainingDefaults as defaults } from './default-config.js';
import { reconstruct } from './reconstruct.js';
import type { DecodedLatent } from './step.js';
import { vaeTrainingStep } from './step.js';

/** Options of `trainVae`. */
export interface TrainVaeOptions {
  readonly engine: Engine;
  /** Folder of pictures (captions are not needed), or the opened set. */
  readonly data: string | ImageSet;
  /** The run folder. */
  readonly out: string;
  readonly config?: AutoencoderConfig;
  /** Pictures to see before the run ends; default 40,000. */
  readonly images?: number;
  /** Default 16: small batches make more steps, which counts most in a short run. */
  readonly batchSize?: number;
  /** Side in pixels; default 64. */
  readonly size?: number;
  readonly seed?: number;
  /** Weight of the divergence term; default 1, the ELBO itself. */
  readonly beta?: number;
  /** Highest learning rate; default 0.003. */
  readonly rate?: number;
  /** First values of parameters by name, e.g. a finished model's weights; the others are drawn. */
  readonly initial?: ReadonlyMap<string, Float32Array>;
  /** Train the decoder alone: latents of the encoder stay valid. Default false. */
  readonly freezeEncoder?: boolean;
  /** What the decoder is given; default `sample`, or `mean` where the encoder is frozen: then it learns to decode what denoisers are trained on. */
  readonly decodeFrom?: DecodedLatent;
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
}

/** Batches of pictures in seeded order, addressed by images seen, with the noise of the reparameterisation unless `noiseSize` is 0. */
export function vaeBatches(
  set: ImageSet,
  { batchSize, size, noiseSize, seed }: { batchSize: number; size: number; noiseSize: number; seed: number },
): BatchFunction {
  const indexAt = indexOrder(set, seed);
  const length = 3 * size * size;
  return async ({ imagesSeen, random }) => {
    const pixels = new Float32Array(batchSize * length);
    const fill = async (k: number): Promise<void> => {
      const bytes = await set.pixels(indexAt(imagesSeen + k), size);
      toPixels(bytes, { height: size, width: size }, pixels.subarray(k * length, (k + 1) * length));
    };
    await Promise.all(Array.from({ length: batchSize }, (_, k) => fill(k)));
    const noise: Readonly<Record<string, Float32Array>> = noiseSize === 0 ? {} : { noise: random.normal(noiseSize) };
    return { inputs: { pixels, ...noise }, images: batchSize };
  };
}

/**
 * Trains an autoencoder on images by its ELBO (Kingma and Welling 2014), and keeps the record in a run folder; samples are
 * reconstructions beside their originals.
 * Why: docs/decisions/0051.
 * @throws {LascauxError} when a size does not fit, and as `train` does
 */
export async function trainVae(options: TrainVaeOptions): Promise<TrainingResult> {
  const {
    engine,
    data,
    out,
    config = defaultVaeConfig,
    images = defaults.images,
    batchSize = defaults.batchSize,
    size = defaults.size,
    seed = defaults.seed,
    beta = defaults.beta,
    rate = defaults.rate,
    freezeEncoder = false,
  } = options;
  const decodeFrom = options.decodeFrom ?? (freezeEncoder ? 'mean' : 'sample');
  const { latentChannels, spatialFactor: factor } = autoencoder(config);
  check(size % factor === 0 && size > 0, {
    operation: 'train vae: size',
    option: 'size',
    rule: `must be a multiple of ${factor}`,
    value: size,
    kind: 'usage',
  });
  const set = cachePixels(typeof data === 'string' ? await openImageFolder(data) : data);
  const step = vaeTrainingStep({
    config,
    batchSize,
    size,
    beta,
    optimizer: muon({ betas: [0.9, 0.99], weightDecay: 0.01 }),
    clip: 1,
    freezeEncoder,
    decodeFrom,
  });
  const noiseSize = decodeFrom === 'mean' ? 0 : batchSize * latentChannels * (size / factor) ** 2;
  return train({
    engine,
    step,
    batch: vaeBatches(set, { batchSize, size, noiseSize, seed }),
    directory: out,
    seed,
    totalImages: images,
    learningRate: learningRate({
      peak: rate,
      warmup: Math.min(2000, images / 10),
      decay: 'cosine',
      decayFrom: Math.min(images / 2, images - 1),
      total: images,
      floor: 0.02,
    }),
    emaDecay: 0.998,
    config: { kind: 'vae', network: config, batchSize, size, beta, rate, images, freezeEncoder, decodeFrom },
    limit: options.limit ?? (await measureLimit(engine)),
    checkpointEvery: { minutes: 3 },
    logEvery: 512,
    sampleEvery: Math.max(batchSize, Math.floor(images / 16)),
    ...(options.initial === undefined ? {} : { initial: options.initial }),
    ...(options.replicas === undefined ? {} : { replicas: options.replicas }),
    ...(options.accumulation === undefined ? {} : { accumulation: options.accumulation }),
    ...(options.onSharing === undefined ? {} : { onSharing: options.onSharing }),
    ...(options.resume === undefined ? {} : { resume: options.resume }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    onSample: async (view) => {
      const shown = Math.min(16, set.length);
      const originals = await Promise.all(Array.from({ length: shown }, (_, i) => set.pixels(i, size)));
      const decoded = await reconstruct(view, { config, size, originals });
      const pairs = originals.flatMap((original, i) => [original, decoded[i] as Uint8Array]);
      await saveGrid(`${view.folder.samples}/${String(view.imagesSeen).padStart(8, '0')}.png`, pairs, {
        height: size,
        width: size,
        columns: 8,
      });
    },
  });
}
