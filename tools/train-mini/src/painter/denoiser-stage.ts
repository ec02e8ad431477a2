import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { alphaBars } from '@lascaux/diffusion/schedule';
import { defaultProcess } from '@lascaux/diffusion/train';
import { onnxEngine } from '@lascaux/nn/onnx';
import { loadLexicon, loadPhrases, openAtlas, painterEmojis } from '@lascaux/scenes';
import { learningRate, muon, train, traceTrainingStep } from '@lascaux/training';
import { painterBatches } from './denoiser-batches.js';
import { denoiserInputs, isTextParameter, painterLoss } from './denoiser-network.js';
import { denoiserReport } from './denoiser-report.js';
import { finishedVae } from './finished-vae.js';
import { sceneLatents } from './scene-latents.js';
import { DENOISER_SEED as SEED, denoiserScenes } from './scenes.js';
import { callbacksOf, type StageOptions } from './stage.js';
import { keptStage, stageWeights } from './stage-weights.js';
import { painterTextConfig } from './text-network.js';
import { trainedTokenizer } from './tokenizer.js';

const BATCH = 128;
const RATE = 2e-3;
/** Samples over which the rate rises. */
const WARM_UP = 10_000;

/** Prompts that every sheet begins with. */
const PROMPTS = [
  ...['a cat', 'a red car', 'three apples', 'a cat to the left of a pizza', 'un gato', '猫', '🐱', 'kitten'],
  ...[
    'a photo of a fox',
    'a dog in the style of noto',
    'a rocket, twemoji',
    'a blue elephant',
    'two yellow stars on a black background',
  ],
  ...[
    'a house on a green background',
    'poodle',
    'ein Haus',
    'a unicorn',
    'an astronaut',
    'a guitar',
    'a cup of coffee',
  ],
] as const;

/** Trains the denoiser between the two finished stages, the text encoder inside its step as it is. */
export async function denoiserStage(options: StageOptions): Promise<string> {
  const { runs, data, images, threads, replicas, signal, latents } = options;
  const emojis = painterEmojis();
  const captions = { lexicon: loadLexicon(emojis), phrases: loadPhrases() };
  const engine = onnxEngine({ threads });
  const atlas = await openAtlas(join(data, 'atlas'), emojis);
  const scenes = denoiserScenes(atlas, SEED);
  const out = join(runs, 'denoiser');
  await mkdir(out, { recursive: true });
  const tokenizer = await trainedTokenizer(runs);
  const text = painterTextConfig(tokenizer);
  const { weights: vae, scaling } = await finishedVae(runs);
  const encoder = await stageWeights(runs, 'text-encoder');
  const store = await sceneLatents(options, { engine, atlas, scenes, weights: vae });
  if (signal?.aborted === true) return 'aborted';
  const kept = options.continued === true ? await keptStage('denoiser') : undefined;
  const begunAt = kept?.imagesSeen ?? 0;
  const rate = learningRate({
    peak: RATE,
    decay: 'linear',
    decayFrom: images * 0.6,
    total: images,
  });
  const bars = alphaBars(defaultProcess);
  const batches = painterBatches({
    ...{ store, scenes, captions, tokenizer, scaling, alphaBars: bars, batchSize: BATCH },
    ...{ dropout: 0.1, singlesFirst: images * 0.4, seed: SEED },
  });
  const { reason } = await train({
    engine,
    step: traceTrainingStep({
      inputs: denoiserInputs(BATCH),
      loss: (scope, inputs) => painterLoss(scope, inputs, text),
      optimizer: muon({ betas: [0.9, 0.99], weightDecay: 0.01 }),
      clip: 1,
      frozen: isTextParameter,
    }),
    batch: (position) => batches({ ...position, imagesSeen: begunAt + position.imagesSeen }),
    directory: out,
    seed: SEED,
    totalImages: images - begunAt,
    // The optimiser's moments begin anew, so a short warm-up does too.
    learningRate: (seen) => Math.min(1, seen / Math.min(WARM_UP, images / 20)) * rate(begunAt + seen),
    emaDecay: 0.998,
    config: { kind: 'painter denoiser', batchSize: BATCH, rate: RATE, images, latents, begunAt },
    initial: new Map([...[...encoder].filter(([name]) => isTextParameter(name)), ...(kept?.weights ?? [])]),
    checkpointEvery: { minutes: 8 },
    logEvery: BATCH * 8,
    sampleEvery: 20_480,
    resume: true,
    replicas,
    onSample: (view) =>
      denoiserReport(view, {
        text,
        tokenizer,
        store,
        scenes,
        captions,
        scaling,
        alphaBars: bars,
        vae,
        prompts: PROMPTS,
      }),
    ...callbacksOf(options),
  });
  return reason;
}
