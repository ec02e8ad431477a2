import { readFile } from 'node:fs/promises';
import { LascauxError, writeFileAtomically } from '@lascaux/nn';
import { featureMatrix, type FeatureMatrix } from '../feature-matrix.js';
import type { FeatureMoments } from '../moments.js';
import { decodeNpy, encodeNpy, type NpyArray } from './npy.js';
import { decodeNpz, encodeNpz } from './npz.js';

/** Name under which the number of samples stands beside `mu` and `sigma`; the Python tools ignore it. */
const COUNT = 'n';

/**
 * Reads an FID statistics file (`.npz` with `mu` and `sigma`) of pytorch-fid, clean-fid, TTUR or of ours.
 *
 * @throws LascauxError when it is missing, no archive, or lacks either array in fitting shapes.
 */
export async function readMoments(path: string): Promise<FeatureMoments> {
  const arrays = decodeNpz(await readBytes(path), { name: path, only: ['mu', 'sigma', COUNT] });
  const [mu, sigma] = [requireArray(arrays, 'mu', path), requireArray(arrays, 'sigma', path)];
  const size = mu.data.length;
  if (mu.shape.length !== 1 || sigma.shape.join() !== `${size},${size}`) {
    const rule = 'mu must have shape (D) and sigma (D, D)';
    throw new LascauxError({
      operation: path,
      rule,
      value: `(${mu.shape.join(', ')}) and (${sigma.shape.join(', ')})`,
    });
  }
  const count = arrays[COUNT]?.data[0];
  return {
    mean: Float64Array.from(mu.data),
    covariance: Float64Array.from(sigma.data),
    ...(count === undefined ? {} : { count }),
  };
}

/** Writes mean and covariance as an `.npz` of `mu` and `sigma` in float64, which pytorch-fid and clean-fid read. */
export async function writeMoments(path: string, moments: FeatureMoments): Promise<void> {
  const size = moments.mean.length;
  const arrays: Record<string, NpyArray> = {
    mu: { data: moments.mean, shape: [size] },
    sigma: { data: moments.covariance, shape: [size, size] },
  };
  if (moments.count !== undefined) arrays[COUNT] = { data: Float64Array.of(moments.count), shape: [] };
  await writeFileAtomically(path, encodeNpz(arrays));
}

/**
 * Reads features: a two-dimensional `.npy` array, or the `feats` of an `.npz` such as clean-fid's `…_kid.npz`.
 *
 * @throws LascauxError when it is missing, unreadable, or not two-dimensional.
 */
export async function readFeatures(path: string): Promise<FeatureMatrix> {
  const bytes = await readBytes(path);
  const { data, shape } = path.endsWith('.npz')
    ? requireArray(decodeNpz(bytes, { name: path, only: ['feats'] }), 'feats', path)
    : decodeNpy(bytes, path);
  const [, columns = 0] = shape;
  if (shape.length !== 2 || columns === 0) {
    throw new LascauxError({
      operation: path,
      rule: 'features must have two dimensions',
      value: `(${shape.join(', ')})`,
    });
  }
  return featureMatrix(
    data instanceof Float32Array || data instanceof Float64Array ? data : Float64Array.from(data),
    columns,
  );
}

/** Writes features as a `.npy` array, or, where the name ends so, as the `feats` of an `.npz`. */
export async function writeFeatures(path: string, { data, rows, columns }: FeatureMatrix): Promise<void> {
  const array: NpyArray = { data, shape: [rows, columns] };
  await writeFileAtomically(path, path.endsWith('.npz') ? encodeNpz({ feats: array }) : encodeNpy(array));
}

function requireArray(arrays: Record<string, NpyArray>, name: string, path: string): NpyArray {
  const array = arrays[name];
  if (!array)
    throw new LascauxError({
      operation: path,
      rule: `must hold the array ${name}`,
      value: Object.keys(arrays).join(', '),
    });
  return array;
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new LascauxError({
      operation: path,
      rule: 'must be a readable file',
      value: (cause as NodeJS.ErrnoException).code,
      kind: 'usage',
      cause,
    });
  }
}
