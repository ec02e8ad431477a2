import { join } from 'node:path';
import type { Engine } from '@lascaux/nn';
import { painterScene, type Atlas, type SceneSource } from '@lascaux/scenes';
import { latentStore, type LatentStore } from './latent-store.js';
import type { StageOptions } from './stage.js';

/** The latents of the denoiser's scenes, which the stages share: made where they are missing, and told on the console. */
export const sceneLatents = (
  { runs, latents, signal }: StageOptions,
  source: {
    readonly engine: Engine;
    readonly atlas: Atlas;
    readonly scenes: SceneSource;
    readonly weights: ReadonlyMap<string, Float32Array>;
  },
): Promise<LatentStore> =>
  latentStore({
    ...{ path: join(runs, 'latents.bin'), engine: source.engine, atlas: source.atlas },
    scene: (i) => painterScene(source.scenes, i),
    ...{ count: latents, weights: source.weights },
    ...(signal === undefined ? {} : { signal }),
    onProgress: (done, total) => {
      if (done % 2048 === 0) console.error(`latents: ${done} of ${total}`);
    },
  });
