import { randomStream, resumeRandomStream } from '@lascaux/nn';
import { describe, expect, it } from 'vitest';

const take = <Item>(count: number, draw: () => Item): Item[] => Array.from({ length: count }, draw);

const first = (count: number, seed: number | string): number[] => {
  const stream = randomStream(seed);
  return take(count, () => stream.uint32());
};

/**
 * The generator written out a second time, over 64-bit integers: xoshiro128** (Blackman & Vigna 2018).
 * Its authors' C code is four lines of the same arithmetic.
 */
function xoshiro(words: readonly number[]): () => number {
  const M = 0xffffffffn;
  let [a, b, c, d] = words.map((word) => BigInt(word)) as [bigint, bigint, bigint, bigint];
  const rotated = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & M;
  return () => {
    const result = (rotated((b * 5n) & M, 7n) * 9n) & M;
    const shifted = (b << 9n) & M;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotated(d, 11n);
    return Number(result);
  };
}

describe('a random stream', () => {
  it('follows the published generator', () => {
    for (const seed of [0, 1, 2 ** 40 + 7, 'cat']) {
      const stream = randomStream(seed);
      const expected = xoshiro(stream.state().words);
      expect(take(50, () => stream.uint32())).toEqual(take(50, expected));
    }
  });

  it('gives the same numbers for ever', () => {
    expect(first(4, 0)).toMatchInlineSnapshot(`
      [
        1789933344,
        44971166,
        2521387044,
        3848737593,
      ]
    `);
    expect(first(4, 'cat')).toMatchInlineSnapshot(`
      [
        2895455820,
        1654627223,
        3277880545,
        2241330136,
      ]
    `);
    expect([...randomStream(42).normal(4)]).toMatchInlineSnapshot(`
      [
        1.142224907875061,
        -1.5620163679122925,
        0.6711867451667786,
        2.7522542476654053,
      ]
    `);
    expect([...randomStream(42).permutation(8)]).toMatchInlineSnapshot(`
      [
        6,
        4,
        3,
        2,
        7,
        0,
        5,
        1,
      ]
    `);
    expect(randomStream(7).fork('noise').uint32()).toMatchInlineSnapshot(`2589707361`);
  });

  it('differs from seed to seed, also in the upper half of large ones', () => {
    const firsts = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1, '0', ''].map((seed) => randomStream(seed).uint32());
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it.each([-1, 1.5, NaN, Infinity, 2 ** 53])('refuses the seed %d', (seed) => {
    expect(() => randomStream(seed)).toThrow(
      'randomStream: the seed must be a whole number from 0 to 2^53 - 1, or text',
    );
  });

  it('goes on from a saved state, in the middle of a pair of normals too', () => {
    const stream = randomStream(3);
    stream.normal(5);
    const resumed = resumeRandomStream(JSON.parse(JSON.stringify(stream.state())) as ReturnType<typeof stream.state>);
    expect(resumed.normal(6)).toEqual(stream.normal(6));
    expect(resumed.uint32()).toBe(stream.uint32());
  });

  it('is cut anywhere without a change', () => {
    const whole = randomStream(9).normal(7);
    const parts = randomStream(9);
    expect([...parts.normal(3), ...parts.normal(1), ...parts.normal(3)]).toEqual([...whole]);
  });

  it('forks without moving', () => {
    const stream = randomStream(5);
    const before = stream.state();
    const a = stream.fork('a').normal(3);
    expect(stream.state()).toEqual(before);
    expect(stream.fork('a').normal(3)).toEqual(a);
    expect(stream.fork('b').normal(3)).not.toEqual(a);
  });
});

describe('its numbers', () => {
  const COUNT = 40_000;

  it('are uniform strictly between 0 and 1', () => {
    const stream = randomStream('uniform');
    const values = take(COUNT, () => stream.uniform());
    expect(Math.min(...values.slice(0, 5000))).toBeGreaterThan(0);
    expect(Math.max(...values.slice(0, 5000))).toBeLessThan(1);
    // Deviations of the mean and of the mean square: √(1/12N) and √(4/45N); four of each.
    expect(Math.abs(values.reduce((a, b) => a + b) / COUNT - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / COUNT));
    expect(Math.abs(values.reduce((a, b) => a + b * b, 0) / COUNT - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / COUNT));
  });

  it('are normal: moments 0, 1, 0, 3', () => {
    const values = [...randomStream('normal').normal(COUNT)];
    const moment = (k: number): number => values.reduce((total, x) => total + x ** k, 0) / COUNT;
    // Var(xᵏ) is 1, 2, 15, 96.
    [0, 1, 0, 3].forEach((expected, i) => {
      expect(Math.abs(moment(i + 1) - expected)).toBeLessThan(4 * Math.sqrt([1, 2, 15, 96][i]! / COUNT));
    });
  });

  it('are whole and below the bound, each as often', () => {
    const stream = randomStream('dice');
    const counts = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 12_000; i++) counts[stream.integer(6)]! += 1;
    // χ² with 5 degrees of freedom exceeds 20.5 once in a thousand streams.
    expect(counts.reduce((total, count) => total + (count - 2000) ** 2 / 2000, 0)).toBeLessThan(20.5);
  });
});

describe('permutations', () => {
  it('hold every number once', () => {
    const stream = randomStream('shuffle');
    for (const count of [0, 1, 2, 100]) {
      expect([...stream.permutation(count)].sort((a, b) => a - b)).toEqual(take(count, () => 0).map((_, i) => i));
    }
  });

  it('come in every order, each as often', () => {
    const stream = randomStream('orders');
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = stream.permutation(3).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    expect([...counts.values()].reduce((total, count) => total + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(20.5);
  });
});
