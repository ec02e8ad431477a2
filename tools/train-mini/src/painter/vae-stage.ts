import { onnxEngine } from '@lascaux/nn/onnx';
import { openAtlas, painterEmojis, sceneSet } from '@lascaux/scenes';
import { checkpointWeights } from '@lascaux/training';
import { exportVae, trainVae } from '@lascaux/vae/train';
import { join } from 'node:path';
import { painterVaeConfig } from './networks.js';
import { callbacksOf, type StageOptions } from './stage.js';

/** What the VAE is shown: more compositions and colours than the denoiser, since it must draw them all. */
const SHARES = { single: 0.55, count: 0.2, coloured: 0.25, white: 0.15 };
/** Weight of the divergence: errors of neighbouring pixels go together, so that β = 1 would count them many times. */
const BETA = 6;
const IMAGE_SIDE = 256;

/** Trains the VAE on endless scenes, going on where an earlier run stopped, and writes `vae_encoder/` and `vae_decoder/`. */
export async function vaeStage(options: StageOptions): Promise<string> {
  const { runs, data, images, threads, replicas } = options;
  const atlas = await openAtlas(join(data, 'atlas'), painterEmojis());
  const set = sceneSet({ atlas, seed: 1, shares: SHARES });
  const out = join(runs, 'vae');
  const { checkpoint, reason } = await trainVae({
    engine: onnxEngine({ threads }),
    data: set,
    out,
    config: painterVaeConfig,
    images,
    size: IMAGE_SIDE,
    beta: BETA,
    seed: 1,
    resume: true,
    replicas,
    ...callbacksOf(options),
  });
  if (reason === 'finished')
    await exportVae({
      weights: await checkpointWeights(checkpoint),
      ...{ directory: join(out, 'model'), config: painterVaeConfig, scaling: { set, size: IMAGE_SIDE } },
    });
  return reason;
}
