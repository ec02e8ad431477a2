import { kernelInceptionDistance } from '../../index.js';
import type { FeatureOptions, SetPair } from '../evaluation-options.js';
import { withNumbers, type ResultOf } from '../evaluation-result.js';
import { featureNetwork, withSession } from '../evaluation-session.js';
import { leastPictures } from '../least-pictures.js';
import { namedSets } from '../named-set.js';
import { readSets } from '../read-sets.js';

/** What the KID is computed of. */
export interface KidOptions extends FeatureOptions, SetPair {
  /** Random subsets. Default 100. */
  readonly subsets?: number;
  /** Images of each set in a subset. Default 1000. */
  readonly subsetSize?: number;
  /** Of the subsets. Default 2020. */
  readonly seed?: number;
}

/**
 * Kernel Inception distance of two sets (Bińkowski et al. 2018), mean and deviation over subsets.
 * @throws LascauxError when a set is missing, broken or too small, or the weights are.
 */
export async function evaluateKid(options: KidOptions): Promise<ResultOf<'kid'>> {
  const { subsets = 100, subsetSize = 1000, seed = 2020, threads, signal } = options;
  const needs = leastPictures(options.minimum, {
    minimum: subsetSize,
    reason: `each subset takes ${subsetSize}`,
    option: 'subsetSize',
  });
  return withSession(
    { sets: namedSets({ generated: options.generated, real: options.real }), options },
    featureNetwork(options),
    async (session) => {
      const sets = await readSets(session, { wanted: 'features', ...needs });
      const [generated, real] = sets.map(({ features }) => features!);
      const { mean, standardDeviation } = await kernelInceptionDistance(generated!, real!, {
        ...{ subsets, subsetSize, seed, threads, signal },
      });
      const dimensions = generated!.columns;
      return withNumbers({
        metric: 'kid',
        values: [
          {
            name: 'kid',
            label: dimensions === 2048 ? 'KID' : `KID-${dimensions}`,
            value: mean,
            deviation: standardDeviation,
            better: 'lower',
          },
        ],
        sets,
        extractor: session.opened()?.facts,
        options: { dimensions, subsets, subsetSize, seed },
        notes: ['kernel (x·y/d + 1)³, unbiased; the deviation is over subsets'],
      });
    },
  );
}
