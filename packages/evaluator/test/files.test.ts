import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  decodeNpy,
  decodeNpz,
  encodeNpy,
  encodeNpz,
  featureMatrixFromRows,
  frechetDistance,
  frechetDistanceOfMoments,
  momentsOf,
  readFeatures,
  readMoments,
  writeFeatures,
  writeMoments,
  type NpyArray,
} from '@lascaux/evaluator';
import { makeFeatures } from './features.js';

const fixturePath = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lascaux-evaluator-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('npy', () => {
  const arrays: NpyArray[] = [
    { data: Float64Array.of(1, -2.5, Infinity, 1e-300, 5, 6), shape: [2, 3] },
    { data: Float32Array.of(0.1, 2), shape: [2] },
    { data: Int32Array.of(-7), shape: [1, 1, 1] },
    { data: Uint8Array.of(255, 0, 3, 4), shape: [1, 2, 2] },
    { data: Float64Array.of(3), shape: [] },
    { data: new Float32Array(0), shape: [0, 4] },
  ];

  it.each(arrays)('returns what it wrote ($shape)', (array) => {
    const bytes = encodeNpy(array);
    expect(decodeNpy(bytes)).toEqual(array);
    expect((bytes.length - array.data.byteLength) % 64).toBe(0);
  });

  it('has the header that NumPy writes', () => {
    const text = new TextDecoder('latin1').decode(
      encodeNpy({ data: Float64Array.of(1, 2), shape: [2] }).subarray(0, 128),
    );
    expect(text).toBe(
      `\u0093NUMPY\u0001\u0000v\u0000${"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }".padEnd(117)}\n`,
    );
  });

  it('reads column-major, half-precision and 64-bit integer arrays', async () => {
    expect(decodeNpy(await readFile(fixturePath('numpy-column-major.npy')))).toEqual({
      data: Float64Array.of(0, 1, 2, 3, 4, 5),
      shape: [2, 3],
    });
    const retyped = (bytes: Uint8Array, descriptor: string) => {
      const at = Buffer.from(bytes).indexOf("'<f8'") + 1;
      bytes.set(new TextEncoder().encode(descriptor), at);
      return decodeNpy(bytes).data;
    };
    const integers = encodeNpy({ data: new Float64Array(BigInt64Array.of(-3n, 2n ** 40n).buffer), shape: [2] });
    expect([...retyped(integers, '<i8')]).toEqual([-3, 2 ** 40]);
    const halves = encodeNpy({ data: new Float64Array(Uint16Array.of(0x3c00, 0xc000, 0, 0).buffer), shape: [1] });
    expect([...retyped(halves, '<f2')]).toEqual([1]);
  });

  it('refuses what it cannot read', () => {
    const bytes = encodeNpy({ data: Float64Array.of(1, 2), shape: [2] });
    expect(() => decodeNpy(bytes.subarray(0, 140), 'a.npy')).toThrow(
      /^a\.npy: must hold 144 bytes for shape \(2\).*140/,
    );
    expect(() => decodeNpy(Uint8Array.of(1, 2, 3))).toThrow('must begin as a .npy file');
    const pickled = Buffer.from(bytes);
    pickled.write('|O8', pickled.indexOf('<f8'));
    expect(() => decodeNpy(pickled)).toThrow(/\|O8.*<f8/);
    const broken = Buffer.from(bytes);
    broken.write('shade', broken.indexOf('shape'));
    expect(() => decodeNpy(broken)).toThrow('header must give descr, fortran_order and shape');
    expect(() => encodeNpy({ data: Float64Array.of(1), shape: [2] })).toThrow('shape (2) must fit the data');
  });
});

describe('npz', () => {
  it('returns what it wrote, equal each time', () => {
    const arrays = {
      a: { data: Float64Array.of(1, 2), shape: [2] },
      b: { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] },
    };
    for (const compress of [true, false]) expect(decodeNpz(encodeNpz(arrays, { compress }))).toEqual(arrays);
    expect(Buffer.from(encodeNpz(arrays)).equals(encodeNpz(arrays))).toBe(true);
    expect(Object.keys(decodeNpz(encodeNpz(arrays), { only: ['b'] }))).toEqual(['b']);
  });

  it.each(['numpy-compressed.npz', 'numpy-stored.npz'])('reads %s, made by NumPy', async (name) => {
    expect(await readMoments(fixturePath(name))).toEqual({
      mean: Float64Array.of(1.5, -2),
      covariance: Float64Array.of(2, 0.5, 0.5, 3),
    });
  });
});

describe('an archive that asks for too much', () => {
  /** The archive with other uncompressed sizes in its directory. */
  function claiming(archive: Uint8Array, sizes: readonly number[]): Buffer {
    const bytes = Buffer.from(archive);
    let at = 0;
    for (const size of sizes) {
      at = bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]), at + 1);
      bytes.writeUInt32LE(size, at + 24);
    }
    return bytes;
  }
  const small = { data: new Float64Array(4), shape: [4] };

  it.each([2 ** 28 + 1, 0xfffffff0])('is refused before it is unpacked to %i bytes', (size) => {
    expect(() => decodeNpz(claiming(encodeNpz({ mu: small }), [size]), { name: 'a.npz' })).toThrow(
      `a.npz: arrays may have 256 MB together; larger features fit into a .npy file, got "${size} bytes"`,
    );
  });

  it('is refused where its arrays are too large together, of those that are read', () => {
    const archive = claiming(encodeNpz({ a: small, b: small, c: small }), [2 ** 27, 2 ** 27, 4]);
    expect(() => decodeNpz(archive, { only: ['a', 'b', 'c'] })).toThrow('arrays may have 256 MB together');
  });
});

describe('statistics files', () => {
  const features = makeFeatures({ N: 12, seed: 4 }, 3);

  it('keep every digit', async () => {
    const path = join(folder, 'statistics.npz');
    const moments = momentsOf(features);
    await writeMoments(path, moments);
    const read = await readMoments(path);
    expect(read).toEqual(moments);
    const other = makeFeatures({ N: 9, seed: 5 }, 3);
    expect(frechetDistanceOfMoments(read, momentsOf(other))).toBeCloseTo(frechetDistance(features, other), 12);
    expect(await readdir(folder)).toEqual(['statistics.npz']);
  });

  it.each(['features.npy', 'features.npz'])('keep features in %s', async (name) => {
    await writeFeatures(join(folder, name), features);
    expect(await readFeatures(join(folder, name))).toEqual(features);
  });

  it('refuse files of another kind', async () => {
    await expect(readMoments(join(folder, 'missing.npz'))).rejects.toThrow(
      /missing\.npz: must be a readable file.*ENOENT/,
    );
    await writeFile(join(folder, 'text.npz'), 'no archive');
    await expect(readMoments(join(folder, 'text.npz'))).rejects.toThrow('text.npz: must be an .npz (zip) archive');
    await writeFile(join(folder, 'other.npz'), encodeNpz({ mu: { data: Float64Array.of(1), shape: [1] } }));
    await expect(readMoments(join(folder, 'other.npz'))).rejects.toThrow(/must hold the array sigma.*mu/);
    const square = { data: Float64Array.of(1, 2, 3, 4), shape: [2, 2] };
    await writeFile(join(folder, 'square.npz'), encodeNpz({ mu: square, sigma: square }));
    await expect(readMoments(join(folder, 'square.npz'))).rejects.toThrow('mu must have shape (D) and sigma (D, D)');
    const statistics = async (name: string, sigma: number[], mu = [0, 0]): Promise<string> => {
      const arrays = {
        mu: { data: Float64Array.from(mu), shape: [2] },
        sigma: { data: Float64Array.from(sigma), shape: [2, 2] },
      };
      await writeFile(join(folder, name), encodeNpz(arrays));
      return join(folder, name);
    };
    const cases = [
      [await statistics('nan.npz', [1, 0, 0, 1], [0, NaN]), 'nan.npz: must hold finite numbers, got NaN'],
      [await statistics('negative.npz', [1, 0, 0, -1]), 'variances in sigma must not be negative, got -1'],
      [await statistics('askew.npz', [1, 0.5, 0, 1]), 'sigma must be symmetric, unlike at (1, 0)'],
    ] as const;
    for (const [path, message] of cases) await expect(readMoments(path)).rejects.toThrow(message);
    await expect(readFeatures(join(folder, 'nan.npz'))).rejects.toThrow(/must hold the array feats.*mu, sigma/);
    await writeFile(join(folder, 'flat.npy'), encodeNpy({ data: Float64Array.of(1), shape: [1] }));
    await expect(readFeatures(join(folder, 'flat.npy'))).rejects.toThrow('features must have two dimensions');
    await expect(writeFeatures(join(folder, 'missing', 'x.npy'), featureMatrixFromRows([[1]]))).rejects.toThrow(
      /x\.npy/,
    );
  });
});
