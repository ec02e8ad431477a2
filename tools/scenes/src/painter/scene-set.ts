import { generatedSet, type ImageSet } from '@lascaux/data';
import type { Atlas } from './atlas.js';
import { paintScene } from './paint.js';
import { IMAGE_SIDE, painterScene, type SceneShares, type SceneSource } from './scene.js';

/** Options of `sceneSet`. */
export interface SceneSetOptions {
  readonly atlas: Atlas;
  readonly seed: number;
  readonly shares: SceneShares;
  /** Scenes that are drawn anew; default: none. */
  readonly refuses?: SceneSource['refuses'];
}

/** The endless set of scenes of a seed: images are painted when asked for, 256 pixels wide and high. */
export function sceneSet({ atlas, ...rest }: SceneSetOptions): ImageSet {
  const source = { count: atlas.emojis.length, ...rest };
  return generatedSet({
    fileName: (i) => `scene ${i} of seed ${source.seed}`,
    pixels: (i, size) =>
      size === IMAGE_SIDE
        ? Promise.resolve(paintScene(atlas, painterScene(source, i)))
        : Promise.reject(new Error(`scenes: side must be ${IMAGE_SIDE}, got ${size}`)),
  });
}
