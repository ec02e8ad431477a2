import { join } from 'node:path';
import { randomStream as dataStream, toPixels } from '@lascaux/data';
import { alphaBars } from '@lascaux/diffusion/schedule';
import type { Engine } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import {
  openAtlas,
  painterEmojis,
  painterScene,
  paintScene,
  STYLES,
  type Atlas,
  type SceneSource,
} from '@lascaux/scenes';
import { learningRate, muon, train, traceTrainingStep, type BatchFunction } from '@lascaux/training';
import { finishedCodes } from './appearance.js';
import { finishedVae } from './finished-vae.js';
import { IMAGE_SIDE, LATENT_LENGTH, unscaled, type LatentStore, type Scaling } from './latent-store.js';
import { painterProcess } from './networks.js';
import { openDenoiser, painted, tokensOfScenes, uploadedWeights } from './painting.js';
import { isKept, newestCheckpoint, stageWeights } from './stage-weights.js';
import { sceneLatents } from './scene-latents.js';
import { isDecoderParameter, polishInputs, polishLoss } from './polish-network.js';
import { DENOISER_SEED as SEED, denoiserScenes } from './scenes.js';
import { callbacksOf, type StageOptions } from './stage.js';

const BATCH = 16;
const RATE = 1.5e-3;
/** Largest deviation of the noise on latents, where these have deviation 1: what a denoiser of few steps leaves. */
const LARGEST_NOISE = 0.25;
/** Share of latents that the denoiser has painted: the decoder learns what its errors look like, and takes them back. */
const PAINTED_SHARE = 0.75;
/** Scenes that it paints. */
const PAINTED = 6_000;
const PAINTED_BATCH = 64;
const IMAGE_LENGTH = 3 * IMAGE_SIDE ** 2;

interface PolishBatchOptions {
  readonly atlas: Atlas;
  readonly scenes: SceneSource;
  readonly store: LatentStore;
  /** Latents that the denoiser has painted for the first scenes, raw. */
  readonly painted: readonly Float32Array[];
  readonly scalingFactor: number;
}

/** Images with their latents, as painted or shifted a little; a pure function of the images seen. */
function polishBatches({ atlas, scenes, store, painted, scalingFactor }: PolishBatchOptions): BatchFunction {
  return ({ imagesSeen, random }) => {
    const pixels = new Float32Array(BATCH * IMAGE_LENGTH);
    const latent = new Float32Array(BATCH * LATENT_LENGTH);
    for (let k = 0; k < BATCH; k++) {
      const lot = dataStream(`polish/${imagesSeen + k}`);
      const isPainted = lot.next() < PAINTED_SHARE && painted.length > 0;
      const index = Math.floor(lot.next() * (isPainted ? painted.length : store.length));
      toPixels(
        paintScene(atlas, painterScene(scenes, index)),
        { height: IMAGE_SIDE, width: IMAGE_SIDE },
        pixels.subarray(k * IMAGE_LENGTH, (k + 1) * IMAGE_LENGTH),
      );
      const spread = (random.uniform() * (isPainted ? 0 : LARGEST_NOISE)) / scalingFactor;
      const noise = random.normal(LATENT_LENGTH);
      const own = isPainted ? painted[index]! : store.latent(index);
      latent.set(
        own.map((value, i) => value + spread * noise[i]!),
        k * LATENT_LENGTH,
      );
    }
    return { inputs: { pixels, latent }, images: BATCH };
  };
}

/** Raw latents that the denoiser paints for the first scenes; none before it has been trained. */
async function paintedLatents(
  { runs, signal }: StageOptions,
  { engine, scenes, scaling }: { readonly engine: Engine; readonly scenes: SceneSource; readonly scaling: Scaling },
): Promise<readonly Float32Array[]> {
  if ((await newestCheckpoint(join(runs, 'denoiser'))) === undefined && !isKept('denoiser')) return [];
  const codes = await finishedCodes(runs, painterEmojis().length * STYLES.length);
  const tensors = uploadedWeights(engine, await stageWeights(runs, 'denoiser'));
  const denoiser = await openDenoiser(engine, tensors, PAINTED_BATCH);
  const bars = alphaBars(painterProcess);
  const all: Float32Array[] = [];
  while (all.length < PAINTED && signal?.aborted !== true) {
    const shown = Array.from({ length: PAINTED_BATCH }, (_, k) => painterScene(scenes, all.length + k));
    const latents = await painted(denoiser, tokensOfScenes(shown, codes), { alphaBars: bars, seed: all.length });
    for (let k = 0; k < PAINTED_BATCH; k++)
      all.push(unscaled(latents.subarray(k * LATENT_LENGTH, (k + 1) * LATENT_LENGTH), scaling));
    if (all.length % 1024 === 0) console.error(`painted latents: ${all.length} of ${PAINTED}`);
  }
  await denoiser.dispose();
  for (const tensor of Object.values(tensors)) tensor.dispose();
  return all;
}

/** Trains the decoder on for sharp edges and for latents that are a little off; the encoder, and so all latents, stay as they are. */
export async function polishStage(options: StageOptions): Promise<string> {
  const { runs, data, images, threads, replicas, signal } = options;
  const engine = onnxEngine({ threads });
  const atlas = await openAtlas(join(data, 'atlas'), painterEmojis());
  const scenes = denoiserScenes(atlas, SEED);
  const { weights, scaling } = await finishedVae(runs);
  const store = await sceneLatents(options, { engine, atlas, scenes, weights });
  const own = await paintedLatents(options, { engine, scenes, scaling });
  if (signal?.aborted === true) return 'aborted';
  const { reason } = await train({
    engine,
    step: traceTrainingStep({
      inputs: polishInputs(BATCH, IMAGE_SIDE),
      loss: polishLoss,
      optimizer: muon({ betas: [0.9, 0.99], weightDecay: 0.01 }),
      clip: 1,
    }),
    batch: polishBatches({ atlas, scenes, store, painted: own, scalingFactor: scaling.scalingFactor }),
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
    config: {
      kind: 'painter decoder',
      batchSize: BATCH,
      rate: RATE,
      images,
      noise: LARGEST_NOISE,
      painted: own.length,
    },
    initial: new Map([...weights].filter(([name]) => isDecoderParameter(name))),
    checkpointEvery: { minutes: 8 },
    logEvery: BATCH * 16,
    resume: true,
    replicas,
    ...callbacksOf(options),
  });
  return reason;
}
