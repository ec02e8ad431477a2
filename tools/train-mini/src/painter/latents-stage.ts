import { join } from 'node:path';
import { onnxEngine } from '@lascaux/nn/onnx';
import { openAtlas, painterEmojis } from '@lascaux/scenes';
import { finishedVae } from './finished-vae.js';
import { sceneLatents } from './scene-latents.js';
import { DENOISER_SEED, denoiserScenes } from './scenes.js';
import type { StageOptions } from './stage.js';

/** Encodes the scenes that the denoiser is trained on, which needs no text encoder: it can run beside that one's training. */
export async function latentsStage(options: StageOptions): Promise<string> {
  const atlas = await openAtlas(join(options.data, 'atlas'), painterEmojis());
  const { weights } = await finishedVae(options.runs);
  const engine = onnxEngine({ threads: options.threads });
  const scenes = denoiserScenes(atlas, DENOISER_SEED);
  const { length } = await sceneLatents(options, { engine, atlas, scenes, weights });
  return length < options.latents ? 'aborted' : 'completed';
}
