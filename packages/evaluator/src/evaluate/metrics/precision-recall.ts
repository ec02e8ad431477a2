import { precisionRecall } from '../../index.js';
import type { FeatureOptions, SetPair } from '../evaluation-options.js';
import { withNumbers, type ResultOf } from '../evaluation-result.js';
import { featureNetwork, withSession } from '../evaluation-session.js';
import { leastPictures } from '../least-pictures.js';
import { namedSets } from '../named-set.js';
import { readSets } from '../read-sets.js';

/** What precision and recall are computed of. */
export interface PrecisionRecallOptions extends FeatureOptions, SetPair {
  /** Neighbours. Default: 3 for precision and recall, 5 for density and coverage. */
  readonly k?: number;
}

/** The numbers of {@link evaluatePrecisionRecall}. */
export type PrecisionRecallNumber = 'precision' | 'recall' | 'fScore' | 'density' | 'coverage';

/**
 * Precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020) of a generated set beside a real one.
 * @throws LascauxError when a set is missing, broken or too small, or the weights are.
 */
export async function evaluatePrecisionRecall(
  options: PrecisionRecallOptions,
): Promise<ResultOf<PrecisionRecallNumber>> {
  const { k, threads, signal } = options;
  const [manifoldK, ballK] = [k ?? 3, k ?? 5];
  const most = Math.max(manifoldK, ballK);
  const needs = leastPictures(options.minimum, {
    minimum: most + 1,
    reason: `each needs ${most} neighbours`,
    option: 'k',
  });
  return withSession(
    { sets: namedSets({ generated: options.generated, real: options.real }), options },
    featureNetwork(options),
    async (session) => {
      const sets = await readSets(session, { wanted: 'features', ...needs });
      const pair = { generated: sets[0]!.features!, real: sets[1]!.features! };
      const { precision, recall, fScore, density, coverage } = await precisionRecall(pair, {
        ...{ k: manifoldK, ballK, threads, signal },
      });
      const named = (name: string, k: number, value: number) =>
        ({ name, label: `${name} (k = ${k})`, value, better: 'higher' }) as const;
      return withNumbers({
        metric: 'prc',
        values: [
          named('precision', manifoldK, precision),
          named('recall', manifoldK, recall),
          { name: 'fScore', label: 'their harmonic mean', value: fScore, better: 'higher' },
          named('density', ballK, density),
          named('coverage', ballK, coverage),
        ],
        sets,
        extractor: session.opened()?.facts,
        options: { dimensions: pair.real.columns },
        notes: [
          'A is generated, B real; published precision and recall mostly use VGG-16 features, so they compare only by the same network',
        ],
      });
    },
  );
}
