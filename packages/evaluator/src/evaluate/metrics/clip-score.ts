import { clipScore } from '../../index.js';
import { check } from '@lascaux/nn';
import { captionsOf, embedCaptions } from '../captions.js';
import type { ClipModelOptions, EvaluationOptions, EvaluationSet } from '../evaluation-options.js';
import { withNumbers, type ResultOf } from '../evaluation-result.js';
import { clipNetwork, withSession } from '../evaluation-session.js';
import { leastPictures } from '../least-pictures.js';
import { namedSets } from '../named-set.js';
import { readSets } from '../read-sets.js';

/** What the CLIP score is computed of. */
export interface ClipScoreOptions extends EvaluationOptions, ClipModelOptions {
  /** Images with captions. */
  readonly images: EvaluationSet;
  /** Metadata column of the captions. Default `text`. */
  readonly captionColumn?: string;
}

/**
 * CLIP score of images and their captions (Hessel et al. 2021).
 * @throws LascauxError when the set is missing, broken or empty, when an image has no caption, or the model lacks an encoder.
 */
export async function evaluateClipScore(options: ClipScoreOptions): Promise<ResultOf<'clipScore'>> {
  const { device, signal, captionColumn } = options;
  const needs = leastPictures(options.minimum, { minimum: 1, reason: 'a mean' });
  return withSession(
    { sets: namedSets({ images: options.images }), options },
    clipNetwork(options),
    async (session) => {
      const sets = await readSets(session, { wanted: 'features', captions: true, captionColumn, ...needs });
      const { collection, indices = [], features, path } = sets[0]!;
      const rule = 'needs pictures with captions, not features';
      check(collection !== undefined && features !== undefined, {
        operation: 'clip',
        rule,
        value: path,
        kind: 'usage',
      });
      const { texts, source } = await captionsOf(collection, { path, indices });
      const model = session.opened()?.model ?? '';
      const embedded = await embedCaptions(model, { texts, device, signal });
      const { mean, scores } = clipScore(features, embedded);
      const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
      return withNumbers({
        metric: 'clip',
        values: [
          { name: 'clipScore', label: 'CLIP score', value: mean, deviation: Math.sqrt(variance), better: 'higher' },
        ],
        sets,
        extractor: session.opened()?.facts,
        options: { captions: source },
        notes: ['100·cos(picture, caption), at least 0; the deviation is over pictures'],
      });
    },
  );
}
