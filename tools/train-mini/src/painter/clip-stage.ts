import { join } from 'node:path';
import { randomStream as dataStream, toPixels } from '@lascaux/data';
import type { CLIPVisionConfig } from '@lascaux/nn/networks';
import { clipVisionConfig } from '@lascaux/nn/networks';
import { onnxEngine } from '@lascaux/nn/onnx';
import {
  loadLexicon,
  loadPhrases,
  openAtlas,
  painterCaption,
  painterEmojis,
  painterScene,
  paintScene,
  type Atlas,
  type CaptionSource,
  type SceneSource,
} from '@lascaux/scenes';
import type { ClipTokenizer } from '@lascaux/text-encoder';
import { clipInputs, clipLoss, matchMatrix } from '@lascaux/text-encoder/train';
import { learningRate, muon, train, traceTrainingStep, type BatchFunction } from '@lascaux/training';
import { IMAGE_SIDE } from './latent-store.js';
import { denoiserScenes } from './scenes.js';
import { callbacksOf, type StageOptions } from './stage.js';
import { finishedTextEncoder } from './finished-text-encoder.js';
import { isTextParameter } from './text-network.js';
import { trainedTokenizer } from './tokenizer.js';

const BATCH = 128;
const RATE = 1.5e-3;
const SEED = 5;

/** The image half of the painter's CLIP, which only scores need: 64×64 pixels in patches of 8. */
export const painterVisionConfig: CLIPVisionConfig = clipVisionConfig({
  hidden_size: 160,
  intermediate_size: 640,
  projection_dim: 128,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  image_size: 64,
  patch_size: 8,
});

/** Means of square blocks of an image [3, S, S]. */
export function shrink(image: Float32Array, side: number, wanted: number): Float32Array {
  const block = side / wanted;
  const small = new Float32Array(3 * wanted * wanted);
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const to = (c * wanted + Math.floor(y / block)) * wanted + Math.floor(x / block);
        small[to]! += image[(c * side + y) * side + x]! / block ** 2;
      }
  return small;
}

interface ClipBatchOptions {
  readonly atlas: Atlas;
  readonly scenes: SceneSource;
  readonly captions: CaptionSource;
  readonly tokenizer: ClipTokenizer;
}

/** Scenes with captions in all languages; a pure function of the images seen. */
function clipBatches({ atlas, scenes, captions, tokenizer }: ClipBatchOptions): BatchFunction {
  const size = { height: IMAGE_SIDE, width: IMAGE_SIDE };
  const side = painterVisionConfig.image_size;
  return ({ imagesSeen }) => {
    const pixels = new Float32Array(BATCH * 3 * side * side);
    const texts = Array.from({ length: BATCH }, (_, k) => {
      const scene = painterScene(scenes, imagesSeen + k);
      pixels.set(shrink(toPixels(paintScene(atlas, scene), size), IMAGE_SIDE, side), k * 3 * side * side);
      return painterCaption(scene, captions, dataStream(`caption of the scores/${SEED}/${imagesSeen + k}`));
    });
    const ids = BigInt64Array.from(
      texts.flatMap((text) => tokenizer.encode(text).ids),
      BigInt,
    );
    return { inputs: { ids, pixels, match: matchMatrix(texts) }, images: BATCH };
  };
}

/** Trains the image half and both projections with CLIP's contrastive loss, beside the finished text encoder, which stays as it is. */
export async function clipStage(options: StageOptions): Promise<string> {
  const { runs, data, images, threads, replicas } = options;
  const emojis = painterEmojis();
  const captions = { lexicon: loadLexicon(emojis), phrases: loadPhrases() };
  const atlas = await openAtlas(join(data, 'atlas'), emojis);
  const tokenizer = await trainedTokenizer(runs);
  const encoder = await finishedTextEncoder(runs, tokenizer, { scoring: true });
  const networks = { text: encoder.config, vision: painterVisionConfig };
  const { reason } = await train({
    engine: onnxEngine({ threads }),
    step: traceTrainingStep({
      inputs: clipInputs({ ...networks, batchSize: BATCH }),
      loss: (scope, inputs) => clipLoss(scope, inputs, networks),
      optimizer: muon({ betas: [0.9, 0.98], weightDecay: 0.05 }),
      clip: 1,
      frozen: isTextParameter,
    }),
    batch: clipBatches({ atlas, scenes: denoiserScenes(atlas, SEED), captions, tokenizer }),
    directory: join(runs, 'clip'),
    seed: SEED,
    totalImages: images,
    learningRate: learningRate({ peak: RATE, warmup: images / 20, decay: 'cosine', total: images, floor: 0.02 }),
    emaDecay: 0.99,
    config: { kind: 'painter clip', ...networks, batchSize: BATCH, rate: RATE, images },
    initial: encoder.weights,
    checkpointEvery: { minutes: 5 },
    logEvery: BATCH * 16,
    resume: true,
    replicas,
    ...callbacksOf(options),
  });
  return reason;
}
