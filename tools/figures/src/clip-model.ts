import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FeatureMatrix, ImageFeatureExtractor } from '@lascaux/evaluator';
import { extractFeatures, featureMatrixFromRows, openImageModel } from '@lascaux/evaluator';
import { LascauxError } from '@lascaux/nn';
import { loadTextEncoder } from '@lascaux/text-encoder';
import { z } from 'zod';

const BATCH = 16;
const Config = z.object({ image_size: z.number().int().positive() });

/** A picture as RGB bytes [size, size, 3]. */
export type Picture = Uint8Array;

/** The image half of a model folder's CLIP, with the side of its pictures. */
export interface ImageEncoder {
  readonly size: number;
  /** `image_embeds` of pictures [size, size, 3], a row each. */
  embed(pictures: AsyncIterable<Picture> | Iterable<Picture>): Promise<FeatureMatrix>;
  dispose(): Promise<void>;
}

/** Opens `image_encoder/`. @throws {LascauxError} when it is missing or broken */
export async function openImageEncoder(model: string): Promise<ImageEncoder> {
  const folder = join(model, 'image_encoder');
  const { image_size: size } = Config.parse(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')));
  const options = { model: join(folder, 'model.onnx'), name: 'small CLIP', output: 'image_embeds', size };
  const extractor: ImageFeatureExtractor = await openImageModel(options);
  return {
    size,
    embed: (pictures) => extractFeatures(extractor, batched(pictures, size)),
    dispose: async () => extractor.dispose?.(),
  };
}

async function* batched(pictures: AsyncIterable<Picture> | Iterable<Picture>, size: number) {
  const length = 3 * size * size;
  let waiting: Picture[] = [];
  const batch = () => {
    const pixels = new Uint8Array(waiting.length * length);
    waiting.forEach((picture, i) => pixels.set(picture, i * length));
    return { pixels, count: waiting.length, height: size, width: size };
  };
  for await (const picture of pictures) {
    waiting.push(picture);
    if (waiting.length < BATCH) continue;
    yield batch();
    waiting = [];
  }
  if (waiting.length > 0) yield batch();
}

/**
 * `text_embeds` of captions, a row each, from `text_encoder/` and `tokenizer/`.
 * @throws {LascauxError} when a part is missing, or the text encoder has no projection
 */
export async function embedCaptions(model: string, captions: readonly string[]): Promise<FeatureMatrix> {
  const encoder = await loadTextEncoder(model);
  try {
    const rows: ArrayLike<number>[] = [];
    for (const caption of captions) {
      const { pooled } = await encoder.encode([caption]);
      if (pooled === undefined)
        throw new LascauxError({ operation: model, rule: 'the text encoder needs text_embeds' });
      rows.push(pooled.data as Float32Array);
    }
    return featureMatrixFromRows(rows);
  } finally {
    await encoder.dispose();
  }
}
