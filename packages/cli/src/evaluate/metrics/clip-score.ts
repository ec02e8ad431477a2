import { clipScore } from '@lascaux/evaluator';
import { check } from '@lascaux/nn';
import { captionsOf, embedCaptions } from '../captions.js';
import type { EvaluationRequest } from '../evaluate-flags.js';
import type { EvaluationResult } from '../evaluation-result.js';
import { clipNetwork, withSession } from '../evaluation-session.js';
import { leastPictures } from '../least-pictures.js';
import { readSets } from '../read-sets.js';

/** CLIP score of pictures and their captions. @throws LascauxError as `readSets` does, and when a picture has no caption. */
export async function evaluateClipScore(request: EvaluationRequest): Promise<EvaluationResult> {
  const { flags, terminal } = request;
  const needs = leastPictures(flags, { minimum: 1, reason: 'a mean' });
  return withSession(request, clipNetwork(request), async (session) => {
    const sets = await readSets(session, { wanted: 'features', captions: true, ...needs });
    const { collection, indices = [], features, path } = sets[0]!;
    const rule = 'needs pictures with captions, not features';
    check(collection !== undefined && features !== undefined, { operation: 'clip', rule, value: path, kind: 'usage' });
    const { texts, source } = await captionsOf(collection, { path, indices });
    const model = session.opened()?.model ?? '';
    const embedded = await embedCaptions(model, { texts, device: flags.device, signal: terminal.signal });
    const { mean, scores } = clipScore(features, embedded);
    const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
    return {
      metric: 'clip',
      values: [
        { name: 'clipScore', label: 'CLIP score', value: mean, deviation: Math.sqrt(variance), better: 'higher' },
      ],
      sets,
      extractor: session.opened()?.facts,
      options: { captions: source },
      notes: ['100·cos(picture, caption), at least 0; the deviation is over pictures'],
    };
  });
}
