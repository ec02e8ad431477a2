import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeNpy, encodeNpy, readFeatures, readMoments, writeFeatures, writeMoments } from '@lascaux/evaluator';
import type { Target } from './target.js';

const features = { data: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)), rows: 6, columns: 4 };

const npy: Target = {
  prepare: (folder) => writeFile(join(folder, 'a.npy'), encodeNpy({ data: features.data, shape: [6, 4] })),
  read: async (folder) => decodeNpy(await readFile(join(folder, 'a.npy')), 'a.npy'),
};

const npz: Target = {
  prepare: (folder) => writeFeatures(join(folder, 'a.npz'), features),
  read: (folder) => readFeatures(join(folder, 'a.npz')),
};

const moments: Target = {
  prepare: (folder) =>
    writeMoments(join(folder, 'a.npz'), {
      mean: Float64Array.of(1, 2),
      covariance: Float64Array.of(2, 1, 1, 3),
      count: 9,
    }),
  read: (folder) => readMoments(join(folder, 'a.npz')),
};

/** NumPy's files. */
export const arrayTargets: Readonly<Record<string, Target>> = { npy, npz, moments };
