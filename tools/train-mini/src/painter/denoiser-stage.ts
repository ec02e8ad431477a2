import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { appearanceCodes } from './appearance.js';
import { alphaBars } from '@lascaux/diffusion/schedule';
import { painterProcess } from './networks.js';
import { onnxEngine } from '@lascaux/nn/onnx';
import { loadLexicon, loadPhrases, openAtlas, painterEmojis } from '@lascaux/scenes';
import { adamw, learningRate, openRunFolder, train, traceTrainingStep } from '@lascaux/training';
import { drawingLatents } from './drawing-latents.js';
import { painterBatches } from './denoiser-batches.js';
import { denoiserInputs, painterLoss } from './denoiser-network.js';
import { denoiserReport } from './denoiser-report.js';
import { finishedVae } from './finished-vae.js';
import { drawnMaps } from './drawn-maps.js';
import { linearStart } from './linear-start.js';
import { uploadedWeights } from './painting.js';
import { variantLatents } from './variant-latents.js';
import { sceneLatents } from './scene-latents.js';
import { DENOISER_SEED as SEED, denoiserScenes } from './scenes.js';
import { callbacksOf, type StageOptions } from './stage.js';
import { keptStage, newestCheckpoint, type StageWeights } from './stage-weights.js';

/** Small, for many steps: docs/log.md has the trials. */
const BATCH = 32;
const RATE = 1.5e-4;
/** Samples over which the rate rises. */
const WARM_UP = 4_000;

/** Trains the denoiser, from linear maps on, on the VAE's latents and the tokens that the text encoder is to give: neither waits for the other. */
export async function denoiserStage(options: StageOptions): Promise<string> {
  const { runs, data, images, threads, replicas, signal, latents } = options;
  const emojis = painterEmojis();
  const captions = { lexicon: loadLexicon(emojis), phrases: loadPhrases() };
  const engine = onnxEngine({ threads });
  const atlas = await openAtlas(join(data, 'atlas'), emojis);
  const scenes = denoiserScenes(atlas, SEED);
  const out = join(runs, 'denoiser');
  await mkdir(out, { recursive: true });
  const vae = await finishedVae(runs);
  const source = { engine, atlas, vae, runs, signal };
  const drawings = await drawingLatents(source);
  const codes = await appearanceCodes(engine, runs, drawings);
  const store = await sceneLatents(options, { engine, atlas, scenes, weights: vae.weights });
  if (signal?.aborted === true) return 'aborted';
  const kept = options.continued === true ? await keptStage('denoiser') : undefined;
  const begunAt = kept?.imagesSeen ?? 0;
  const rate = learningRate({
    peak: RATE,
    decay: 'linear',
    decayFrom: images * 0.6,
    total: images,
  });
  const bars = alphaBars(painterProcess);
  const batches = painterBatches({ store, scenes, codes, scaling: vae.scaling, alphaBars: bars, batchSize: BATCH });
  const step = traceTrainingStep({
    inputs: denoiserInputs(BATCH),
    loss: painterLoss,
    optimizer: adamw({ betas: [0.9, 0.99], weightDecay: 0 }),
    clip: 1,
  });
  const reported = { store, scenes, captions, codes, scaling: vae.scaling, alphaBars: bars, vae: vae.weights };
  /** Where a run begins; it is looked at before it is trained. */
  async function begun(): Promise<StageWeights> {
    const weights =
      kept?.weights ?? linearStart(step.parameters, drawnMaps(codes, drawings, await variantLatents(source)));
    const uploaded = uploadedWeights(engine, weights);
    await denoiserReport({ engine, weights: uploaded, imagesSeen: 0, folder: await openRunFolder(out) }, reported);
    for (const tensor of Object.values(uploaded)) tensor.dispose();
    return weights;
  }

  const isNew = (await newestCheckpoint(out)) === undefined;
  const { reason } = await train({
    engine,
    step,
    batch: (position) => batches({ ...position, imagesSeen: begunAt + position.imagesSeen }),
    directory: out,
    seed: SEED,
    totalImages: images - begunAt,
    // The optimiser's moments begin anew, so a short warm-up does too.
    learningRate: (seen) => Math.min(1, seen / Math.min(WARM_UP, images / 20)) * rate(begunAt + seen),
    emaDecay: 0.995,
    config: { kind: 'painter denoiser', batchSize: BATCH, rate: RATE, images, latents, begunAt },
    ...(isNew ? { initial: await begun() } : {}),
    checkpointEvery: { minutes: 8 },
    logEvery: BATCH * 32,
    sampleEvery: 10_240,
    resume: true,
    replicas,
    onSample: (view) => denoiserReport(view, reported),
    ...callbacksOf(options),
  });
  return reason;
}
