import { LascauxError, randomStream } from '@lascaux/nn';
import { mutateFile, runBomb, runTarget } from '@lascaux/fuzz';
import { describe, expect, it } from 'vitest';
import { blackPng, pngChunks, pngOf } from '../src/fixtures/png.js';
import { describe as inWords, verdictOf } from '../src/verdict.js';

describe('mutateFile', () => {
  const json = Buffer.from('{"a":[1,2],"b":{"c":"x"}}');

  it('gives the same change for the same seed, and another for another', () => {
    const change = (seed: number) => mutateFile('a.json', json, randomStream(seed));
    expect(change(3)).toEqual(change(3));
    expect(new Set(Array.from({ length: 50 }, (_, seed) => change(seed).kind)).size).toBeGreaterThan(10);
  });

  it('leaves the original alone', () => {
    const before = Buffer.from(json);
    for (let seed = 0; seed < 100; seed++) mutateFile('a.bin', json, randomStream(seed));
    expect(json.equals(before)).toBe(true);
  });
});

it('chunks of a PNG are put together as they were', () => {
  const png = blackPng({ width: 3, height: 2 });
  expect(pngOf(pngChunks(png)).equals(png)).toBe(true);
});

describe('verdictOf', () => {
  it.each([
    [new LascauxError({ operation: 'a', rule: 'must be b' }), 'refused'],
    [new TypeError('x is not a function'), 'unclear'],
    [new Error('a: must be b'), 'unclear'],
    ['text', 'unclear'],
  ] as const)('%s is %s', (error, verdict) => {
    expect(verdictOf(error)).toBe(verdict);
    expect(inWords(error)).not.toBe('');
  });
});

describe('in processes of their own', { timeout: 120_000 }, () => {
  it('changed files are read or refused', async () => {
    const tally = await runTarget('npy', { seed: 1, cases: 20 });
    expect(tally).toMatchObject({ cases: 20, faults: [] });
    expect(tally.read + tally.refused).toBe(20);
  });

  it('a bomb is refused in time', async () => {
    const result = await runBomb('tar with a size below zero');
    expect(result.verdict).toBe('refused');
    expect(result.fault).toBeUndefined();
  });
});
