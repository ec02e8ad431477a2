import { clipMmd } from '@lascaux/evaluator';
import type { EvaluationRequest } from '../evaluate-flags.js';
import type { EvaluationResult } from '../evaluation-result.js';
import { clipNetwork, withSession } from '../evaluation-session.js';
import { leastPictures } from '../least-pictures.js';
import { readSets } from '../read-sets.js';

/** CMMD of two sets in the CLIP features of a model folder. @throws LascauxError as `readSets` does. */
export async function evaluateCmmd(request: EvaluationRequest): Promise<EvaluationResult> {
  const needs = leastPictures(request.flags, { minimum: 2, reason: 'a discrepancy of sets' });
  return withSession(request, clipNetwork(request), async (session) => {
    const sets = await readSets(session, { wanted: 'features', ...needs });
    return {
      metric: 'cmmd',
      values: [
        { name: 'cmmd', label: 'CMMD', value: clipMmd(sets[0]!.features!, sets[1]!.features!), better: 'lower' },
      ],
      sets,
      extractor: session.opened()?.facts,
      options: { sigma: 10, scale: 1000 },
      notes: [],
    };
  });
}
