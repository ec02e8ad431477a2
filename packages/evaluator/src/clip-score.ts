import { LascauxError } from '@lascaux/nn';
import { requirePair, type FeatureMatrix } from './feature-matrix.js';
import { dot, unitRows } from './rows.js';

/** CLIP scores of image-caption pairs. */
export interface ClipScore {
  /** Mean of the scores. */
  readonly mean: number;
  /** max(100·cos(image, text), 0) of each pair. */
  readonly scores: Float64Array;
}

/**
 * CLIP score of pairs, row i of the images with row i of the texts: max(100·cos, 0), averaged, as torchmetrics reports
 * it (Hessel et al. 2021 scale by 2.5 instead of 100). Embeddings need not be normalised.
 *
 * @throws LascauxError when the matrices differ in shape, are empty, or hold a value that is not finite or a zero row.
 */
export function clipScore(images: FeatureMatrix, texts: FeatureMatrix): ClipScore {
  requirePairs('clipScore', images, texts);
  const [a, b] = [unitRows('clipScore', images), unitRows('clipScore', texts)];
  const scores = Float64Array.from({ length: images.rows }, (_, i) => Math.max(100 * dot(a, i, [b, i]), 0));
  return { mean: scores.reduce((sum, score) => sum + score, 0) / scores.length, scores };
}

/** Shares of queries whose own partner is among the nearest k. */
export interface RetrievalAccuracy {
  /** Caption → image: the caption's own image is the most similar one. */
  readonly textToImage: number;
  /** Image → caption. */
  readonly imageToText: number;
}

/**
 * Retrieval accuracy by cosine among groups of `among` consecutive pairs (default: all pairs form one group); the last,
 * incomplete group is left out. A query counts when fewer than `k` (default 1) others are at least as similar as its own
 * partner, so that ties, and with them a collapsed encoder, do not count.
 *
 * @throws LascauxError when the matrices differ in shape, or `among` is not between 2 and the number of pairs.
 */
export function retrievalAccuracy(
  images: FeatureMatrix,
  texts: FeatureMatrix,
  options: { among?: number; k?: number } = {},
): RetrievalAccuracy {
  requirePairs('retrievalAccuracy', images, texts);
  const { among = images.rows, k = 1 } = options;
  if (!Number.isInteger(among) || among < 2 || among > images.rows) {
    throw new LascauxError({
      operation: 'retrievalAccuracy',
      rule: `among must be an integer from 2 to ${images.rows} pairs`,
      value: among,
    });
  }
  const [a, b] = [unitRows('retrievalAccuracy', images), unitRows('retrievalAccuracy', texts)];
  const queries = images.rows - (images.rows % among);
  let [textHits, imageHits] = [0, 0];
  for (let i = 0; i < queries; i++) {
    const group = i - (i % among);
    const score = dot(a, i, [b, i]);
    let [textRivals, imageRivals] = [0, 0];
    for (let j = group; j < group + among; j++) {
      if (j === i) continue;
      if (dot(a, j, [b, i]) >= score) textRivals++;
      if (dot(a, i, [b, j]) >= score) imageRivals++;
    }
    if (textRivals < k) textHits++;
    if (imageRivals < k) imageHits++;
  }
  return { textToImage: textHits / queries, imageToText: imageHits / queries };
}

function requirePairs(operation: string, images: FeatureMatrix, texts: FeatureMatrix): void {
  requirePair(operation, [images, texts]);
  if (images.rows !== texts.rows)
    throw new LascauxError({
      operation: operation,
      rule: `each image needs its text, got ${images.rows} images and ${texts.rows} texts`,
    });
}
