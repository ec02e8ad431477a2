import { openImageFolder } from '@lascaux/data';
import { clipScore, frechetDistance, sliceRows, type FeatureMatrix } from '@lascaux/evaluator';
import { check, randomStream } from '@lascaux/nn';
import { TextToImagePipeline } from '@lascaux/pipeline';
import { embedCaptions, openImageEncoder } from './clip-model.js';
import type { FigureOptions } from './figure-options.js';

/** Fréchet distances in the small CLIP's image features; the scale is this encoder's own, not FID's. */
export interface FrechetFigures {
  readonly note: string;
  /** Pictures in each set. */
  readonly pictures: number;
  readonly dimensions: number;
  /** Painted pictures against the held-out renders of the same captions. */
  readonly painted: number;
  /** Painted pictures against held-out renders of other captions. */
  readonly paintedAgainstOthers: number;
  /** Two disjoint sets of held-out renders, as many pictures each: what a perfect painter would reach. */
  readonly reference: number;
  /** Painted pictures and their captions; the renders' own for comparison. */
  readonly clipScore: { readonly painted: number; readonly renders: number };
}

const DEFAULT_PICTURES = 200;

/**
 * Paints the captions of held-out scenes with a model's own settings and compares feature distributions.
 * @throws {LascauxError} naming the part that is missing, or when there are fewer than two sets of renders
 */
export async function frechetFigures(options: FigureOptions): Promise<FrechetFigures> {
  const { model, data, count = DEFAULT_PICTURES, seed } = options;
  const set = await openImageFolder(data, { split: 'test' });
  check(2 * count <= set.length, {
    operation: '--count',
    rule: `two disjoint sets must fit into ${set.length} held-out scenes`,
    value: count,
    kind: 'usage',
  });
  const order = [...randomStream(seed).fork('frechet').permutation(set.length)].slice(0, 2 * count);
  const encoder = await openImageEncoder(model);
  async function* renders() {
    for (const index of order) yield await set.pixels(index, encoder.size);
  }
  const rendered = await encoder.embed(renders());
  const captions = order.slice(0, count).map((index) => set.caption(index));
  const painted = await encoder.embed(paintings(captions, { ...options, size: encoder.size }));
  await encoder.dispose();
  const [same, others] = [sliceRows(rendered, 0, count), sliceRows(rendered, count, 2 * count)];
  const texts = await embedCaptions(model, captions);
  const score = (images: FeatureMatrix): number => clipScore(images, texts).mean;
  return {
    note: 'features of the small CLIP: not comparable with FID',
    pictures: count,
    dimensions: rendered.columns,
    painted: frechetDistance(painted, same),
    paintedAgainstOthers: frechetDistance(painted, others),
    reference: frechetDistance(others, same),
    clipScore: { painted: score(painted), renders: score(same) },
  };
}

async function* paintings(
  captions: readonly string[],
  { model, seed, size, onProgress }: FigureOptions & { size: number },
) {
  const pipeline = await TextToImagePipeline.fromPretrained(model);
  try {
    for (const [k, prompt] of captions.entries()) {
      const { images } = await pipeline.generate({ prompt, seed: seed + k });
      const [picture] = images;
      check(picture?.width === size && picture.height === size, {
        operation: model,
        rule: `pictures must be ${size}×${size}, as the image encoder takes them`,
        value: `${picture?.width}×${picture?.height}`,
      });
      yield Uint8Array.from(picture.pixels);
      onProgress?.(k + 1, captions.length);
    }
  } finally {
    await pipeline.dispose();
  }
}
