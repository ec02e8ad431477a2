import { openImageFolder } from '@lascaux/data';
import { clipScore, retrievalAccuracy, takeRows } from '@lascaux/evaluator';
import { embedCaptions, openImageEncoder } from './clip-model.js';
import { distinctDraw } from './distinct-draw.js';
import type { FigureOptions } from './figure-options.js';
import { mean } from './statistics.js';

/** Figures of the text and image encoders on held-out scenes. */
export interface ClipFigures {
  /** Scenes whose embeddings were taken. */
  readonly scenes: number;
  /** Scenes with distinct captions that a caption is matched against. */
  readonly among: number;
  readonly draws: number;
  /** Top-1 accuracy over the draws. */
  readonly captionToScene: Spread;
  readonly sceneToCaption: Spread;
  /** 100·cos of each scene and its own caption, mean over all scenes. */
  readonly clipScore: number;
}

/** Mean, least and largest over draws. */
export interface Spread {
  readonly mean: number;
  readonly least: number;
  readonly largest: number;
}

const AMONG = 100;
const DRAWS = 10;

const spread = (values: readonly number[]): Spread => ({
  mean: mean(values),
  least: Math.min(...values),
  largest: Math.max(...values),
});

/**
 * Retrieval accuracy among 100 held-out scenes with distinct captions, over several draws, and the CLIP score.
 * @throws {LascauxError} naming the part that is missing, or when there are too few captions
 */
export async function clipFigures({ model, data, count, seed, onProgress }: FigureOptions): Promise<ClipFigures> {
  const set = await openImageFolder(data, { split: 'test' });
  const scenes = Math.min(count ?? set.length, set.length);
  const captions = Array.from({ length: scenes }, (_, i) => set.caption(i));
  const encoder = await openImageEncoder(model);
  async function* pictures() {
    for (let i = 0; i < scenes; i++) {
      yield await set.pixels(i, encoder.size);
      onProgress?.(i + 1, scenes);
    }
  }
  const images = await encoder.embed(pictures());
  await encoder.dispose();
  const texts = await embedCaptions(model, captions);
  const draws = Array.from({ length: DRAWS }, (_, draw) => {
    const indices = distinctDraw({ captions, count: AMONG, seed: `${seed}/${draw}` });
    return retrievalAccuracy(takeRows(images, indices), takeRows(texts, indices));
  });
  return {
    scenes,
    among: AMONG,
    draws: DRAWS,
    captionToScene: spread(draws.map(({ textToImage }) => textToImage)),
    sceneToCaption: spread(draws.map(({ imageToText }) => imageToText)),
    clipScore: clipScore(images, texts).mean,
  };
}
