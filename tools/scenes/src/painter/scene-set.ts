import type { ImageSet } from '@lascaux/data';
import type { Atlas } from './atlas.js';
import { paintScene } from './paint.js';
import { IMAGE_SIDE, painterScene, type PainterScene, type SceneShares, type SceneSource } from './scene.js';

/** So many scenes that none comes twice. */
const ENDLESS = 2 ** 40;

/** Options of `sceneSet`. */
export interface SceneSetOptions {
  readonly atlas: Atlas;
  readonly seed: number;
  readonly shares: SceneShares;
  /** Scenes that are drawn anew; default: none. */
  readonly refuses?: SceneSource['refuses'];
}

/** The endless set of scenes of a seed: images are painted when asked for, 256 pixels wide and high. */
export function sceneSet({
  atlas,
  seed,
  shares,
  refuses,
}: SceneSetOptions): ImageSet & { scene(i: number): PainterScene } {
  const scene = (i: number): PainterScene =>
    painterScene({ seed, count: atlas.emojis.length, shares, ...(refuses === undefined ? {} : { refuses }) }, i);
  return {
    length: ENDLESS,
    isGenerated: true,
    captionSource: 'none',
    scene,
    caption: () => '',
    fileName: (i) => `scene ${i} of seed ${seed}`,
    extra: () => ({}),
    origin: () => ({ file: 'scenes', offset: 0 }),
    bytes: () => Promise.reject(new Error('scenes: an image that is painted when asked for has no file')),
    pixels: async (i, size) => {
      if (size !== IMAGE_SIDE) throw new Error(`scenes: side must be ${IMAGE_SIDE}, got ${size}`);
      return paintScene(atlas, scene(i));
    },
  };
}
