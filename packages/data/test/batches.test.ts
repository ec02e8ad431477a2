import { describe, expect, it } from 'vitest';
import { batches, cachePixels, epochOrder, splitSet, subset, type ImageBatch, type ImageSet } from '@lascaux/data';
import { countingSet } from './helpers.js';

async function take(count: number, stream: AsyncGenerator<ImageBatch>): Promise<ImageBatch[]> {
  const taken: ImageBatch[] = [];
  for await (const batch of stream) {
    taken.push(batch);
    if (taken.length === count) break;
  }
  return taken;
}

const indicesOf = (taken: readonly ImageBatch[]): number[] => taken.flatMap((batch) => batch.indices);

describe('epochOrder', () => {
  it('is a permutation that the seed and the epoch decide', () => {
    const order = [...epochOrder(100, 1, 0)];
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect([...epochOrder(100, 1, 0)]).toEqual(order);
    expect([...epochOrder(100, 1, 1)]).not.toEqual(order);
    expect([...epochOrder(100, 2, 0)]).not.toEqual(order);
  });

  it('puts every picture everywhere equally often', () => {
    const counts = new Array<number>(16).fill(0);
    for (let epoch = 0; epoch < 4000; epoch++) counts[4 * epochOrder(4, 3, epoch)[0]! + epochOrder(4, 3, epoch)[3]!]!++;
    const expected = 4000 / 12; // ordered pairs of different pictures
    const chiSquare = counts.filter((_, i) => i % 5 !== 0).reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(31.3); // 99.9 % point of χ² with 11 degrees of freedom
  });
});

describe('batches', () => {
  const options = { batchSize: 4, size: 2, seed: 5 };

  it('shows every picture once an epoch, in full batches across epochs', async () => {
    const indices = indicesOf(await take(5, batches(countingSet(10), options)));
    expect(indices).toEqual([...epochOrder(10, 5, 0), ...epochOrder(10, 5, 1)]);
  });

  it('fills [batch, 3, size, size] in [−1, 1] with the captions beside', async () => {
    const [batch] = await take(1, batches(countingSet(10), options));
    expect(batch!.pixels.length).toBe(4 * 3 * 2 * 2);
    batch!.indices.forEach((index, k) => {
      expect(batch!.captions[k]).toBe(`picture ${index}`);
      expect([...batch!.pixels.subarray(k * 12, (k + 1) * 12)]).toEqual(
        new Array(12).fill(Math.fround(index / 127.5 - 1)),
      );
    });
    expect(batch!.imagesSeen).toBe(4);
    expect(batch!.waitMs).toBeGreaterThanOrEqual(0);
  });

  it('goes on exactly where it stopped, also with another batch size', async () => {
    const whole = indicesOf(await take(6, batches(countingSet(7), options)));
    const first = await take(2, batches(countingSet(7), options));
    const rest = await take(
      2,
      batches(countingSet(7), { ...options, batchSize: 8, imagesSeen: first.at(-1)!.imagesSeen }),
    );
    expect([...indicesOf(first), ...indicesOf(rest)]).toEqual(whole);
  });

  it('keeps the order when it is not shuffled, and repeats a set smaller than the batch', async () => {
    const taken = await take(2, batches(countingSet(3), { ...options, shuffle: false }));
    expect(indicesOf(taken)).toEqual([0, 1, 2, 0, 1, 2, 0, 1]);
  });

  it('decodes ahead while the consumer works', async () => {
    const set = countingSet(64);
    const stream = batches(set, { ...options, prefetch: 2 });
    await stream.next();
    expect(set.reads).toBe(12); // this batch and the next two
    await stream.next();
    expect(set.reads).toBe(16);
    await stream.return(undefined as never);
    expect((await stream.next()).done).toBe(true);
    expect(set.reads).toBe(16);
  });

  it('reports a failure when its batch is due, not before', async () => {
    const set: ImageSet = {
      ...countingSet(8),
      pixels: async (i) => {
        if (i === 6) throw new Error('decode: got 6.png');
        return Promise.resolve(new Uint8Array(12));
      },
    };
    const stream = batches(set, { ...options, shuffle: false, prefetch: 3 });
    expect((await stream.next()).value.indices).toEqual([0, 1, 2, 3]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(stream.next()).rejects.toThrow('6.png');
  });

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController();
    const stream = batches(countingSet(8), { ...options, signal: controller.signal });
    await stream.next();
    controller.abort(new Error('stopped'));
    await expect(stream.next()).rejects.toThrow('stopped');
  });

  it.each([
    [{ batchSize: 0 }, 'batchSize must be a whole number of at least 1, got 0'],
    [{ size: 1.5 }, 'size must be'],
    [{ imagesSeen: -1 }, 'imagesSeen must be'],
    [{ prefetch: NaN }, 'prefetch must be'],
  ])('refuses %j', async (wrong, message) => {
    await expect(batches(countingSet(2), { ...options, ...wrong }).next()).rejects.toThrow(message);
  });

  it('refuses an empty set', async () => {
    await expect(batches(countingSet(0), options).next()).rejects.toThrow('at least one picture');
  });
});

describe('cachePixels', () => {
  it('decodes each picture once per size', async () => {
    const set = countingSet(4);
    const cached = cachePixels(set);
    await take(8, batches(cached, { batchSize: 3, size: 2, seed: 1 }));
    expect(set.reads).toBe(4);
    await cached.pixels(0, 4);
    expect(set.reads).toBe(5);
    expect([...(await cached.pixels(3, 2))]).toEqual(new Array(12).fill(3));
  });

  it('keeps nothing of a set that does not fit', async () => {
    const set = countingSet(4);
    const cached = cachePixels(set, { maxBytes: 4 * 12 - 1 });
    await cached.pixels(0, 2);
    await cached.pixels(0, 2);
    expect(set.reads).toBe(2);
  });

  it('tries a failed picture again', async () => {
    let failures = 1;
    const set: ImageSet = {
      ...countingSet(1),
      pixels: async () => {
        if (failures-- > 0) throw new Error('busy');
        return Promise.resolve(new Uint8Array(3));
      },
    };
    const cached = cachePixels(set);
    await expect(cached.pixels(0, 1)).rejects.toThrow('busy');
    expect([...(await cached.pixels(0, 1))]).toEqual([0, 0, 0]);
  });
});

describe('subset and splitSet', () => {
  it('shows the chosen pictures', async () => {
    const part = subset(countingSet(5), [4, 1]);
    expect([part.length, part.caption(0), part.fileName(1)]).toEqual([2, 'picture 4', '1.png']);
    expect((await part.pixels(0, 1))[0]).toBe(4);
    expect(() => part.caption(2)).toThrow('below 2, got 2');
  });

  it('sets a share aside that does not change when pictures are added', () => {
    const names = (set: ImageSet): string[] => Array.from({ length: set.length }, (_, i) => set.fileName(i));
    const few = splitSet(countingSet(1000), { share: 0.2, seed: 3 });
    const more = splitSet(countingSet(1500), { share: 0.2, seed: 3 });
    expect(few.train.length + few.test.length).toBe(1000);
    expect(Math.abs(few.test.length - 200)).toBeLessThan(51); // four standard deviations
    expect(names(more.test).slice(0, few.test.length)).toEqual(names(few.test));
  });

  it('refuses shares outside (0, 1) and empty sides', () => {
    expect(() => splitSet(countingSet(10), { share: 1 })).toThrow('share must be between 0 and 1, got 1');
    expect(() => splitSet(countingSet(1), { share: 0.5 })).toThrow('both sides must hold a picture');
  });
});
