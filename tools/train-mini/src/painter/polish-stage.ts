import { join } from 'node:path';
import { randomStream as dataStream, toPixels } from '@lascaux/data';
import { onnxEngine } from '@lascaux/nn/onnx';
import { openAtlas, painterEmojis, painterScene, paintScene, type Atlas, type SceneSource } from '@lascaux/scenes';
import { learningRate, muon, train, traceTrainingStep, type BatchFunction } from '@lascaux/training';
import { finishedVae } from './finished-vae.js';
import { IMAGE_SIDE, LATENT_LENGTH, type LatentStore } from './latent-store.js';
import { sceneLatents } from './scene-latents.js';
import { isDecoderParameter, polishInputs, polishLoss } from './polish-network.js';
import { DENOISER_SEED as SEED, denoiserScenes } from './scenes.js';
import { callbacksOf, type StageOptions } from './stage.js';

const BATCH = 16;
const RATE = 1.5e-3;
/** Largest deviation of the noise on latents, where these have deviation 1: what a denoiser of few steps leaves. */
const LARGEST_NOISE = 0.25;
const IMAGE_LENGTH = 3 * IMAGE_SIDE ** 2;

interface PolishBatchOptions {
  readonly atlas: Atlas;
  readonly scenes: SceneSource;
  readonly store: LatentStore;
  readonly scalingFactor: number;
}

/** Images with their latents, shifted a little; a pure function of the images seen. */
function polishBatches({ atlas, scenes, store, scalingFactor }: PolishBatchOptions): BatchFunction {
  return ({ imagesSeen, random }) => {
    const pixels = new Float32Array(BATCH * IMAGE_LENGTH);
    const latent = new Float32Array(BATCH * LATENT_LENGTH);
    for (let k = 0; k < BATCH; k++) {
      const index = Math.floor(dataStream(`polish/${imagesSeen + k}`).next() * store.length);
      toPixels(
        paintScene(atlas, painterScene(scenes, index)),
        { height: IMAGE_SIDE, width: IMAGE_SIDE },
        pixels.subarray(k * IMAGE_LENGTH, (k + 1) * IMAGE_LENGTH),
      );
      const spread = (random.uniform() * LARGEST_NOISE) / scalingFactor;
      const noise = random.normal(LATENT_LENGTH);
      latent.set(
        store.latent(index).map((value, i) => value + spread * noise[i]!),
        k * LATENT_LENGTH,
      );
    }
    return { inputs: { pixels, latent }, images: BATCH };
  };
}

/** Trains the decoder on for sharp edges and for latents that are a little off; the encoder, and so all latents, stay as they are. */
export async function polishStage(options: StageOptions): Promise<string> {
  const { runs, data, images, threads, replicas, signal } = options;
  const engine = onnxEngine({ threads });
  const atlas = await openAtlas(join(data, 'atlas'), painterEmojis());
  const scenes = denoiserScenes(atlas, SEED);
  const { weights, scaling } = await finishedVae(runs);
  const store = await sceneLatents(options, { engine, atlas, scenes, weights });
  if (signal?.aborted === true) return 'aborted';
  const { reason } = await train({
    engine,
    step: traceTrainingStep({
      inputs: polishInputs(BATCH, IMAGE_SIDE),
      loss: polishLoss,
      optimizer: muon({ betas: [0.9, 0.99], weightDecay: 0.01 }),
      clip: 1,
    }),
    batch: polishBatches({ atlas, scenes, store, scalingFactor: scaling.scalingFactor }),
    directory: join(runs, 'decoder'),
    seed: SEED,
    totalImages: images,
    learningRate: learningRate({
      peak: RATE,
      warmup: Math.min(1_000, images / 20),
      decay: 'linear',
      decayFrom: images * 0.4,
      total: images,
    }),
    emaDecay: 0.998,
    config: { kind: 'painter decoder', batchSize: BATCH, rate: RATE, images, noise: LARGEST_NOISE },
    initial: new Map([...weights].filter(([name]) => isDecoderParameter(name))),
    checkpointEvery: { minutes: 8 },
    logEvery: BATCH * 16,
    resume: true,
    replicas,
    ...callbacksOf(options),
  });
  return reason;
}
