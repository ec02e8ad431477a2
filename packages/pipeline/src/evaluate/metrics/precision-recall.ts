import { LascauxError } from '@lascaux/nn';
import type { EvaluationRequest } from '../evaluate-flags.js';
import type { EvaluationResult } from '../evaluation-result.js';

/** To be filled in. */
export async function evaluatePrecisionRecall(request: EvaluationRequest): Promise<EvaluationResult> {
  return Promise.reject(
    new LascauxError({ operation: 'precision-recall', rule: 'not built yet', value: request.paths[0] }),
  );
}
