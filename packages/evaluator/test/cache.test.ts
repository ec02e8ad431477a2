import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cachedFeatures,
  contentKey,
  openFeatureCache,
  type ImageFeatureExtractor,
  type PictureSource,
} from '@lascaux/evaluator';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lascaux-cache-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Features: the first byte of a picture, and its number of pixels. Counts the pictures it sees. */
function countingExtractor(): ImageFeatureExtractor & { seen: number } {
  const extractor = {
    name: 'first byte',
    dimensions: 2,
    seen: 0,
    extract: ({
      pixels,
      count,
      height,
      width,
    }: {
      pixels: ArrayLike<number>;
      count: number;
      height: number;
      width: number;
    }) => {
      extractor.seen += count;
      const area = height * width;
      return Promise.resolve(
        Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 ? area : (pixels[(i / 2) * area * 3] ?? NaN))),
      );
    },
  };
  return extractor;
}

/** A picture whose file holds its width and one byte. */
const source = (value: number, width = 1): PictureSource => ({
  name: `${value}.png`,
  read: () => Promise.resolve(Uint8Array.of(width, value)),
  decode: (bytes) =>
    Promise.resolve({
      pixels: new Uint8Array(3 * (bytes[0] ?? 0)).fill(bytes[1] ?? 0),
      height: 1,
      width: bytes[0] ?? 0,
    }),
});

async function collect(
  pictures: readonly PictureSource[],
  options: Parameters<typeof cachedFeatures>[1],
): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const { features } of cachedFeatures(pictures, options)) batches.push([...features.data]);
  return batches;
}

describe('cachedFeatures', () => {
  const pictures = [source(5), source(6, 2), source(7), source(5), source(9)];
  const expected = [
    [5, 1, 6, 2],
    [7, 1, 5, 1],
    [9, 1],
  ];

  it('keeps the order with pictures of several sizes', async () => {
    const done: number[] = [];
    expect(
      await collect(pictures, {
        extractor: countingExtractor(),
        batchSize: 2,
        onProgress: (progress) => done.push(progress.done),
      }),
    ).toEqual(expected);
    expect(done).toEqual([2, 4, 5]);
  });

  it('sends no picture through the network twice, in later runs either', async () => {
    const options = { folder, name: 'run', dimensions: 2 };
    const extractor = countingExtractor();
    const cache = openFeatureCache(options);
    expect(await collect(pictures, { extractor, cache, batchSize: 2 })).toEqual(expected);
    expect(extractor.seen).toBeLessThanOrEqual(5);
    cache.close();
    const again = openFeatureCache(options);
    const second = countingExtractor();
    expect(again.size).toBe(4);
    expect(await collect([...pictures].reverse(), { extractor: second, cache: again })).toEqual([
      [9, 1, 5, 1, 7, 1, 6, 2, 5, 1],
    ]);
    expect(second.seen).toBe(0);
    again.close();
  });

  it('names the picture with bad features and stops when told', async () => {
    const broken = { ...countingExtractor(), extract: () => Promise.resolve(Float32Array.of(1, NaN)) };
    await expect(collect([source(3)], { extractor: broken })).rejects.toThrow('got others for 3.png');
    const unreadable = { ...source(4), read: () => Promise.reject(new Error('4.png: cut off')) };
    await expect(collect([source(3), unreadable], { extractor: countingExtractor(), batchSize: 1 })).rejects.toThrow(
      '4.png: cut off',
    );
    await expect(collect(pictures, { extractor: countingExtractor(), signal: AbortSignal.abort() })).rejects.toThrow();
    await expect(collect(pictures, { extractor: countingExtractor(), batchSize: 0 })).rejects.toThrow(
      'positive integer, got 0',
    );
  });
});

describe('cachedFeatures with files that change', () => {
  it('leaves bad pictures out, naming them, and keeps the places of the others', async () => {
    const unreadable = { ...source(4), read: () => Promise.reject(new Error('cut off')) };
    const bad: [number, string][] = [];
    const options = { extractor: countingExtractor(), batchSize: 2 };
    const onBad = (index: number, error: Error) => void bad.push([index, error.message]);
    const rows: [number, number][] = [];
    const pictures = [unreadable, source(5), unreadable, unreadable, source(6)];
    for await (const { features, indices } of cachedFeatures(pictures, { ...options, onBad }))
      indices.forEach((index, i) => rows.push([index, features.data[2 * i] ?? NaN]));
    expect(bad).toEqual([0, 2, 3].map((index) => [index, 'cut off']));
    expect(rows).toEqual([
      [1, 5],
      [4, 6],
    ]);
  });

  it('does not read a file whose stamp is known, and does when it changed', async () => {
    const cache = openFeatureCache({ folder, name: 'stamped', dimensions: 2 });
    const extractor = countingExtractor();
    const reads: number[] = [];
    const stamped = (value: number, stamp: string): PictureSource => ({
      ...source(value),
      read: () => (reads.push(value), Promise.resolve(Uint8Array.of(1, value))),
      stamp: () => Promise.resolve(stamp),
    });
    expect(await collect([stamped(5, 'a'), stamped(6, 'b')], { extractor, cache })).toEqual([[5, 1, 6, 1]]);
    let last: { read: number; cached: number } | undefined;
    const onProgress = (progress: { read: number; cached: number }) => void (last = progress);
    const again = [stamped(5, 'a'), stamped(7, 'b, later')];
    expect(await collect(again, { extractor, cache, onProgress })).toEqual([[5, 1, 7, 1]]);
    expect(reads).toEqual([5, 6, 7]);
    expect(last).toMatchObject({ read: 1, cached: 1 });
    cache.close();
  });

  it('holds two batches, however many pictures there are', async () => {
    let [alive, most] = [0, 0];
    const stages = {
      prepare: () => ((most = Math.max(most, ++alive)), new Float32Array(1)),
      infer: (inputs: readonly Float32Array[]) => (
        (alive -= inputs.length),
        Promise.resolve(new Float32Array(2 * inputs.length))
      ),
    };
    const extractor = { ...countingExtractor(), stages };
    await collect(
      Array.from({ length: 64 }, (_, i) => source(i)),
      { extractor, batchSize: 4 },
    );
    expect(most).toBeLessThanOrEqual(8);
  });
});

describe('openFeatureCache', () => {
  it('serves two that write at once', () => {
    const options = { folder, name: 'shared', dimensions: 1 };
    const [one, other] = [openFeatureCache(options), openFeatureCache(options)];
    const keys = [1, 2, 3, 4].map((value) => contentKey(Uint8Array.of(value)));
    keys.forEach((key, i) => (i % 2 === 0 ? one : other).put(key, Float32Array.of(i)));
    expect([one.get(keys[2]!), other.get(keys[3]!)]).toEqual([Float32Array.of(2), Float32Array.of(3)]);
    const later = openFeatureCache(options);
    expect(keys.map((key) => later.get(key)?.[0])).toEqual([0, 1, 2, 3]);
    [one, other, later].forEach((cache) => cache.close());
  });

  it('survives a record cut short', async () => {
    const options = { folder, name: 'cut/short', dimensions: 3 };
    const [a, b] = [contentKey(Uint8Array.of(1)), contentKey(Uint8Array.of(2))];
    const cache = openFeatureCache(options);
    cache.put(a, Float32Array.of(1, 2, 3));
    cache.close();
    expect(await readdir(folder)).toContain('cut_short.features');
    await appendFile(join(folder, 'cut_short.features'), 'half a record');
    const again = openFeatureCache(options);
    expect([again.size, again.has(b)]).toEqual([1, false]);
    again.put(b, Float32Array.of(4, 5, 6));
    again.put(b, Float32Array.of(7, 8, 9));
    expect(again.get(a)).toEqual(Float32Array.of(1, 2, 3));
    expect(again.get(b)).toEqual(Float32Array.of(4, 5, 6));
    expect(again.get(contentKey(Uint8Array.of(3)))).toBeUndefined();
    expect(() => again.put(contentKey(Uint8Array.of(3)), Float32Array.of(1))).toThrow('3 features are needed, got 1');
    again.close();
  });

  it('keys by SHA-256', () => {
    expect(contentKey(new TextEncoder().encode('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
