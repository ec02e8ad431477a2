import { inceptionScore } from '@lascaux/evaluator';
import type { EvaluationRequest } from '../evaluate-flags.js';
import type { EvaluationResult } from '../evaluation-result.js';
import { withSession } from '../evaluation-session.js';
import { leastPictures } from '../least-pictures.js';
import { readSets } from '../read-sets.js';

/** Inception Score of a set, mean and deviation over splits. @throws LascauxError as `readSets` does. */
export async function evaluateInceptionScore(request: EvaluationRequest): Promise<EvaluationResult> {
  const { splits = 10, seed = 2020 } = request.flags;
  const needs = leastPictures(request.flags, {
    minimum: splits,
    reason: `each of ${splits} splits needs one; --splits N asks for fewer`,
  });
  return withSession(request, { dims: 1008 }, async (session) => {
    const sets = await readSets(session, { wanted: 'features', ...needs });
    const { mean, standardDeviation } = inceptionScore(sets[0]!.features!, { splits, shuffleSeed: seed });
    return {
      metric: 'is',
      values: [{ name: 'is', label: 'Inception Score', value: mean, deviation: standardDeviation, better: 'higher' }],
      sets,
      extractor: session.opened()?.facts,
      options: { splits, seed },
      notes: ['logits without bias, shuffled as torch-fidelity does; the deviation is over splits'],
    };
  });
}
