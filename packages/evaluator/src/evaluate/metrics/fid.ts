import { check } from '@lascaux/nn';
import { frechetDistanceOfMoments, writeFeatures, writeMoments } from '../../index.js';
import type { EvaluationSet, FeatureOptions } from '../evaluation-options.js';
import { withNumbers, type EvaluationResult, type ResultOf } from '../evaluation-result.js';
import { featureNetwork, withSession } from '../evaluation-session.js';
import { namedSets } from '../named-set.js';
import { readSets } from '../read-sets.js';
import type { ReadSet } from '../set-needs.js';

/** Fewest pictures for a figure that means anything: below the dimensions covariances are singular and the distance is mostly bias. */
const MINIMUM = 2048;

/** What the FID is computed of. */
export interface FidOptions extends FeatureOptions {
  readonly generated: EvaluationSet;
  readonly real: EvaluationSet;
  /** File for the statistics (`.npz`) or features (`.npy`) of `generated`, for next time. */
  readonly save?: string;
}

/**
 * Fréchet distance of two sets (Heusel et al. 2017); fewer than 2,048 images need a `minimum`.
 * @throws LascauxError when a set is missing, broken or too small, or the weights are.
 */
export async function evaluateFid(options: FidOptions): Promise<ResultOf<'fid'>> {
  const { generated, real, minimum = MINIMUM } = options;
  return withNumbers(await judge({ generated, real }, { ...options, minimum }));
}

/**
 * Computes the statistics (`.npz`) or features (`.npy`) of a set and keeps them in the file `save`.
 * @throws LascauxError as {@link evaluateFid}
 */
export async function saveStatistics({
  images,
  ...options
}: Omit<FidOptions, 'generated' | 'real' | 'save'> & {
  readonly images: EvaluationSet;
  readonly save: string;
}): Promise<EvaluationResult> {
  return judge({ images }, options);
}

async function judge(
  sets: Readonly<Record<string, EvaluationSet>>,
  options: FeatureOptions & { readonly save?: string },
): Promise<EvaluationResult> {
  const { save, minimum = 2 } = options;
  check(save === undefined || /\.np[yz]$/i.test(save), {
    option: 'save',
    rule: 'must end in .npz (statistics) or .npy (features)',
    value: save,
    kind: 'usage',
  });
  const keepFeatures = options.keepFeatures === true || save?.toLowerCase().endsWith('.npy') === true;
  const request = { sets: namedSets(sets), options: { ...options, keepFeatures } };
  return withSession(request, featureNetwork(options), async (session) => {
    const reason = 'FID of few pictures is mostly bias';
    const read = await readSets(session, {
      wanted: 'moments',
      minimum: Math.max(minimum, 2),
      reason,
      option: 'minimum',
    });
    const [first, second] = read;
    if (save !== undefined) await saveSet(first!, save);
    const extractor = session.opened()?.facts;
    const dimensions = first?.moments?.mean.length ?? 0;
    const label = extractor?.incomparable === undefined ? fidLabel(dimensions) : 'Fréchet distance (CLIP)';
    return {
      metric: 'fid',
      values: second === undefined ? [] : [{ name: 'fid', label, value: distanceOf(first!, second), better: 'lower' }],
      sets: read,
      extractor,
      options: { dimensions },
      notes: [...(save === undefined ? [] : [`${save} written`]), ...read.flatMap((set) => smallNote(set, dimensions))],
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
