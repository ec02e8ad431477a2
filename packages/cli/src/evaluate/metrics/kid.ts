import { kernelInceptionDistance } from '@lascaux/evaluator';
import type { EvaluationRequest } from '../evaluate-flags.js';
import type { EvaluationResult } from '../evaluation-result.js';
import { withSession } from '../evaluation-session.js';
import { leastPictures } from '../least-pictures.js';
import { readSets } from '../read-sets.js';

/** KID of two sets, mean and deviation over subsets. @throws LascauxError as `readSets` does. */
export async function evaluateKid(request: EvaluationRequest): Promise<EvaluationResult> {
  const { subsets = 100, subsetSize = 1000, seed = 2020, threads } = request.flags;
  const needs = leastPictures(request.flags, {
    minimum: subsetSize,
    reason: `each subset takes ${subsetSize}; --subset-size N asks for fewer`,
  });
  return withSession(request, {}, async (session) => {
    const sets = await readSets(session, { wanted: 'features', ...needs });
    const [generated, real] = sets.map(({ features }) => features!);
    const { mean, standardDeviation } = await kernelInceptionDistance(generated!, real!, {
      ...{ subsets, subsetSize, seed, threads },
      signal: request.terminal.signal,
    });
    const dimensions = generated!.columns;
    return {
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
    };
  });
}
