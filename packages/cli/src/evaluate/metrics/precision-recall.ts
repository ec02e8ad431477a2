import { precisionRecall } from '@lascaux/evaluator';
import type { EvaluationRequest } from '../evaluate-flags.js';
import type { EvaluationResult } from '../evaluation-result.js';
import { withSession } from '../evaluation-session.js';
import { leastPictures } from '../least-pictures.js';
import { readSets } from '../read-sets.js';

/** Precision, recall, density and coverage of A beside B. @throws LascauxError as `readSets` does. */
export async function evaluatePrecisionRecall(request: EvaluationRequest): Promise<EvaluationResult> {
  const { k, threads } = request.flags;
  const [manifoldK, ballK] = [k ?? 3, k ?? 5];
  const most = Math.max(manifoldK, ballK);
  const needs = leastPictures(request.flags, { minimum: most + 1, reason: `each needs ${most} neighbours; --k N` });
  return withSession(request, {}, async (session) => {
    const sets = await readSets(session, { wanted: 'features', ...needs });
    const pair = { generated: sets[0]!.features!, real: sets[1]!.features! };
    const { precision, recall, fScore, density, coverage } = await precisionRecall(pair, {
      ...{ k: manifoldK, ballK, threads },
      signal: request.terminal.signal,
    });
    const named = (name: string, k: number, value: number) =>
      ({ name, label: `${name} (k = ${k})`, value, better: 'higher' }) as const;
    return {
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
    };
  });
}
