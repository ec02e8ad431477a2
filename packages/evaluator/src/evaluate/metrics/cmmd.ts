import { clipMmd } from '../../index.js';
import type { ClipModelOptions, EvaluationOptions, SetPair } from '../evaluation-options.js';
import { withNumbers, type ResultOf } from '../evaluation-result.js';
import { clipNetwork, withSession } from '../evaluation-session.js';
import { leastPictures } from '../least-pictures.js';
import { namedSets } from '../named-set.js';
import { readSets } from '../read-sets.js';

/** What the CMMD is computed of. */
export interface CmmdOptions extends EvaluationOptions, ClipModelOptions, SetPair {}

/**
 * Maximum mean discrepancy of two sets in CLIP features (Jayasumana et al. 2024).
 * @throws LascauxError when a set is missing, broken or too small, or the model has no image encoder.
 */
export async function evaluateCmmd(options: CmmdOptions): Promise<ResultOf<'cmmd'>> {
  const needs = leastPictures(options.minimum, { minimum: 2, reason: 'a discrepancy of sets' });
  return withSession(
    { sets: namedSets({ generated: options.generated, real: options.real }), options },
    clipNetwork(options),
    async (session) => {
      const sets = await readSets(session, { wanted: 'features', ...needs });
      return withNumbers({
        metric: 'cmmd',
        values: [
          { name: 'cmmd', label: 'CMMD', value: clipMmd(sets[0]!.features!, sets[1]!.features!), better: 'lower' },
        ],
        sets,
        extractor: session.opened()?.facts,
        options: { sigma: 10, scale: 1000 },
        notes: [],
      });
    },
  );
}
