import { momentsOf, readFeatures, readMoments, type FeatureMatrix } from '../index.js';
import { LascauxError } from '@lascaux/nn';
import type { ReadSet, SetNeeds } from './set-needs.js';

/** A set of `.npy` features, or of an `.npz` with statistics or features. @throws LascauxError when it lacks what the metric needs */
export async function readFileSet(path: string, needs: SetNeeds): Promise<ReadSet> {
  return /\.npy$/i.test(path) ? featureSet(path, await readFeatures(path), needs) : archiveSet(path, needs);
}

/** Features as a set. */
export function featureSet(path: string, features: FeatureMatrix, { wanted }: SetNeeds): ReadSet {
  const moments = wanted === 'moments' && features.rows > 1 ? momentsOf(features) : undefined;
  return { path, kind: 'features', count: features.rows, skipped: [], features, moments };
}

/** Statistics, or features under the name that clean-fid gives them. */
async function archiveSet(path: string, needs: SetNeeds): Promise<ReadSet> {
  if (needs.wanted === 'features') {
    const features = await readFeatures(path).catch((cause: unknown) => {
      const rule = 'this metric needs features (an array "feats"), not only statistics';
      throw new LascauxError({ operation: path, rule, kind: 'usage', cause });
    });
    return featureSet(path, features, needs);
  }
  const moments = await readMoments(path);
  return { path, kind: 'statistics', count: moments.count, skipped: [], moments };
}
