import { frechetDistanceOfMoments, writeFeatures, writeMoments } from '@lascaux/evaluator';
import { check } from '@lascaux/nn';
import type { EvaluationRequest } from '../evaluate-flags.js';
import type { EvaluationResult } from '../evaluation-result.js';
import { withSession } from '../evaluation-session.js';
import { readSets } from '../read-sets.js';
import type { ReadSet } from '../set-needs.js';

/** Fewest pictures for a figure that means anything: below the dimensions covariances are singular and the distance is mostly bias. */
const MINIMUM = 2048;

/** FID of two sets, or with `--save` the statistics of one. @throws LascauxError as `readSets` does. */
export async function evaluateFid(given: EvaluationRequest): Promise<EvaluationResult> {
  const { save } = given.flags;
  const [, real] = given.paths;
  check(real !== undefined || save !== undefined, {
    operation: 'fid',
    rule: 'needs two sets, or --save FILE for the statistics of one',
    value: given.paths[0],
    kind: 'usage',
  });
  check(save === undefined || /\.np[yz]$/i.test(save), {
    operation: '--save',
    rule: 'must end in .npz (statistics) or .npy (features)',
    value: save,
    kind: 'usage',
  });
  const request = { ...given, keepFeatures: given.keepFeatures === true || save?.toLowerCase().endsWith('.npy') };
  return withSession(request, {}, async (session) => {
    const minimum = request.flags.min ?? (real === undefined ? 2 : MINIMUM);
    const reason = 'FID of few pictures is mostly bias; --min N asks for fewer';
    const sets = await readSets(session, { wanted: 'moments', minimum: Math.max(minimum, 2), reason });
    if (save !== undefined) await saveSet(sets[0]!, save);
    const extractor = session.opened()?.facts;
    const distance = sets.length > 1 ? distanceOf(sets[0]!, sets[1]!) : undefined;
    const dimensions = sets[0]?.moments?.mean.length ?? 0;
    const label = extractor?.incomparable === undefined ? fidLabel(dimensions) : 'Fréchet distance (CLIP)';
    return {
      metric: 'fid',
      values: distance === undefined ? [] : [{ name: 'fid', label, value: distance, better: 'lower' }],
      sets,
      extractor,
      options: { dimensions },
      notes: [...(save === undefined ? [] : [`${save} written`]), ...sets.flatMap((set) => smallNote(set, dimensions))],
    };
  });
}

const fidLabel = (dimensions: number): string =>
  dimensions === 2048 ? 'FID' : `FID-${dimensions === 1008 ? 'logits' : dimensions}`;

function distanceOf(a: ReadSet, b: ReadSet): number {
  check(a.moments !== undefined && b.moments !== undefined, {
    operation: 'fid',
    rule: 'each set must have at least 2 pictures',
    value: `${a.count} and ${b.count}`,
  });
  return frechetDistanceOfMoments(a.moments, b.moments);
}

async function saveSet({ moments, features }: ReadSet, path: string): Promise<void> {
  if (path.toLowerCase().endsWith('.npy') && features) await writeFeatures(path, features);
  else if (moments) await writeMoments(path, moments);
}

const smallNote = ({ path, count }: ReadSet, dimensions: number): readonly string[] =>
  count === undefined || count > dimensions
    ? []
    : [
        `${path}: ${count} pictures for ${dimensions} dimensions: the covariance is singular (exact here, nothing is added to it), the distance too large`,
      ];
