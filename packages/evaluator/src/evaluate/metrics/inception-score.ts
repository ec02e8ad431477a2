import { inceptionScore } from '../../index.js';
import type { EvaluationOptions, EvaluationSet, FeatureOptions } from '../evaluation-options.js';
import { withNumbers, type ResultOf } from '../evaluation-result.js';
import { featureNetwork, withSession } from '../evaluation-session.js';
import { leastPictures } from '../least-pictures.js';
import { namedSets } from '../named-set.js';
import { readSets } from '../read-sets.js';

/** What the Inception Score is computed of. */
export interface InceptionScoreOptions extends EvaluationOptions, Pick<FeatureOptions, 'weights' | 'convention'> {
  readonly images: EvaluationSet;
  /** Parts that are scored on their own. Default 10. */
  readonly splits?: number;
  /** Of the shuffle before the splits. Default 2020. */
  readonly seed?: number;
}

/**
 * Inception Score of a set (Salimans et al. 2016), mean and deviation over splits.
 * @throws LascauxError when the set is missing, broken or too small, or the weights are.
 */
export async function evaluateInceptionScore(options: InceptionScoreOptions): Promise<ResultOf<'is'>> {
  const { splits = 10, seed = 2020 } = options;
  const needs = leastPictures(options.minimum, {
    minimum: splits,
    reason: `each of ${splits} splits needs one`,
    option: 'splits',
  });
  return withSession(
    { sets: namedSets({ images: options.images }), options },
    featureNetwork(options, 1008),
    async (session) => {
      const sets = await readSets(session, { wanted: 'features', ...needs });
      const { mean, standardDeviation } = inceptionScore(sets[0]!.features!, { splits, shuffleSeed: seed });
      return withNumbers({
        metric: 'is',
        values: [{ name: 'is', label: 'Inception Score', value: mean, deviation: standardDeviation, better: 'higher' }],
        sets,
        extractor: session.opened()?.facts,
        options: { splits, seed },
        notes: ['logits without bias, shuffled as torch-fidelity does; the deviation is over splits'],
      });
    },
  );
}
