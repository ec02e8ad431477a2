import type { FeatureCache } from '@lascaux/evaluator';
import { expect, it } from 'vitest';
import { forgivingCache } from '../src/evaluate/forgiving-cache.js';

it('stops writing at the first failure, says so once, and still gives what it has', () => {
  const known = new Map([['a', Float32Array.of(1)]]);
  let writes = 0;
  const full = (): never => {
    writes++;
    throw new Error('ENOSPC');
  };
  const cache: FeatureCache = {
    size: 1,
    has: (key) => known.has(key),
    get: (key) => known.get(key),
    keyOf: (stamp) => (stamp === 's' ? 'a' : undefined),
    put: full,
    remember: full,
    close: () => undefined,
  };
  const reasons: string[] = [];
  const forgiving = forgivingCache(cache, (reason) => reasons.push(reason));
  forgiving.put('b', Float32Array.of(2));
  forgiving.remember('t', 'b');
  forgiving.put('c', Float32Array.of(3));
  expect([reasons, writes]).toEqual([['ENOSPC'], 1]);
  expect([forgiving.size, forgiving.has('a'), forgiving.keyOf('s')]).toEqual([1, true, 'a']);
  expect(forgiving.get('a')).toEqual(Float32Array.of(1));
});
