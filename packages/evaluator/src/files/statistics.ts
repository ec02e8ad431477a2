import { readFile, stat } from 'node:fs/promises';
import { LascauxError, check, limits, writeFileAtomically } from '@lascaux/nn';
import { featureMatrix, type FeatureMatrix } from '../feature-matrix.js';
import type { FeatureMoments } from '../moments.js';
import { decodeNpy, encodeNpy, type NpyArray } from './npy.js';
import { decodeNpz, encodeNpz, namesInNpz } from './npz.js';

/** Name under which the number of samples stands beside `mu` and `sigma`; the Python tools ignore it. */
const COUNT = 'n';

/**
 * Reads an FID statistics file (`.npz` with `mu` and `sigma`) of pytorch-fid, clean-fid, TTUR or of ours.
 *
 * @throws LascauxError when it is missing, no archive, lacks either array in fitting shapes, or sigma is no covariance.
 */
export async function readMoments(path: string): Promise<FeatureMoments> {
  const bytes = await readBytes(path);
  const arrays = decodeNpz(bytes, { name: path, only: ['mu', 'sigma', COUNT] });
  const [mu, sigma] = ['mu', 'sigma'].map((name) => requireArray(arrays[name], { name, path, bytes })) as [
    NpyArray,
    NpyArray,
  ];
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
  const [mean, covariance] = [Float64Array.from(mu.data), Float64Array.from(sigma.data)];
  for (const values of [mean, covariance]) requireFinite(values, path);
  requireCovariance(covariance, { size, path });
  return { mean, covariance, ...(count === undefined ? {} : { count }) };
}

function requireFinite(values: Float32Array | Float64Array, path: string): void {
  const value = values.find((candidate) => !Number.isFinite(candidate));
  check(value === undefined, { operation: path, rule: 'must hold finite numbers', value });
}

/** Share of the largest variance by which a covariance may be asymmetric. */
const ASYMMETRY = 1e-6;

function requireCovariance(sigma: Float64Array, { size, path }: { size: number; path: string }): void {
  let largest = 0;
  for (let i = 0; i < size; i++) {
    const variance = sigma[i * size + i]!;
    check(variance >= 0, { operation: path, rule: 'variances in sigma must not be negative', value: variance });
    largest = Math.max(largest, variance);
  }
  for (let i = 0; i < size; i++)
    for (let j = 0; j < i; j++)
      check(Math.abs(sigma[i * size + j]! - sigma[j * size + i]!) <= ASYMMETRY * largest, {
        operation: path,
        rule: `sigma must be symmetric, unlike at (${i}, ${j})`,
        value: sigma[i * size + j],
      });
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
 * @throws LascauxError when it is missing, unreadable, not two-dimensional, or holds a value that is not finite.
 */
export async function readFeatures(path: string): Promise<FeatureMatrix> {
  const bytes = await readBytes(path);
  const { data, shape } = path.endsWith('.npz')
    ? requireArray(decodeNpz(bytes, { name: path, only: ['feats'] }).feats, { name: 'feats', path, bytes })
    : decodeNpy(bytes, path);
  const [, columns = 0] = shape;
  if (shape.length !== 2 || columns === 0) {
    throw new LascauxError({
      operation: path,
      rule: 'features must have two dimensions',
      value: `(${shape.join(', ')})`,
    });
  }
  const values = data instanceof Float32Array || data instanceof Float64Array ? data : Float64Array.from(data);
  requireFinite(values, path);
  return featureMatrix(values, columns);
}

/** Writes features as a `.npy` array, or, where the name ends so, as the `feats` of an `.npz`. */
export async function writeFeatures(path: string, { data, rows, columns }: FeatureMatrix): Promise<void> {
  const array: NpyArray = { data, shape: [rows, columns] };
  await writeFileAtomically(path, path.endsWith('.npz') ? encodeNpz({ feats: array }) : encodeNpy(array));
}

function requireArray(
  array: NpyArray | undefined,
  { name, path, bytes }: { name: string; path: string; bytes: Uint8Array },
): NpyArray {
  if (array) return array;
  const value = namesInNpz(bytes, path).join(', ') || 'no array';
  throw new LascauxError({ operation: path, rule: `must hold the array ${name}`, value });
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    const largest = path.endsWith('.npz') ? limits.npzBytes : limits.npyBytes;
    check(size <= largest, { operation: path, rule: `may have ${largest / 2 ** 20} MB`, value: `${size} bytes` });
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof LascauxError) throw cause;
    throw new LascauxError({
      operation: path,
      rule: 'must be a readable file',
      value: (cause as NodeJS.ErrnoException).code,
      kind: 'usage',
      cause,
    });
  }
}
