import { emaDecayAt, learningRate } from '@lascaux/training';
import { describe, expect, it } from 'vitest';

describe('learningRate', () => {
  it('warms up from nothing and stays', () => {
    const rate = learningRate({ peak: 0.01, warmup: 100, total: 1000 });
    expect([0, 25, 100, 5000].map(rate)).toEqual([0, 0.0025, 0.01, 0.01]);
  });

  it('falls linearly to its floor and stays there', () => {
    const rate = learningRate({ peak: 1, warmup: 100, decay: 'linear', decayFrom: 600, total: 1000, floor: 0.2 });
    expect(rate(600)).toBe(1);
    expect(rate(800)).toBeCloseTo(0.6, 12);
    expect(rate(1000)).toBeCloseTo(0.2, 12);
    expect(rate(2000)).toBeCloseTo(0.2, 12);
  });

  it('falls by a half cosine', () => {
    const rate = learningRate({ peak: 2, decay: 'cosine', total: 900 });
    expect(rate(0)).toBe(2);
    expect(rate(300)).toBeCloseTo(1.5, 12);
    expect(rate(450)).toBeCloseTo(1, 12);
    expect(rate(900)).toBeCloseTo(0, 12);
  });

  it('names the number that is out of range', () => {
    expect(() => learningRate({ peak: 0, total: 1 })).toThrow('learningRate: peak must be above 0, got 0');
    expect(() => learningRate({ peak: 1, warmup: 10, decay: 'cosine', total: 10 })).toThrow(
      'total must lie after the start of the decay, got 10',
    );
    expect(() => learningRate({ peak: 1, warmup: 10, decayFrom: 5, total: 20 })).toThrow(
      'decayFrom must not lie inside the warm-up',
    );
    expect(() => learningRate({ peak: 1, total: 20, floor: 2 })).toThrow('floor must lie in [0, 1]');
  });
});

describe('emaDecayAt', () => {
  it('starts at a tenth and ends at the decay', () => {
    expect(emaDecayAt(0.999, 0)).toBeCloseTo(0.1, 12);
    expect(emaDecayAt(0.999, 90)).toBeCloseTo(0.91, 12);
    expect(emaDecayAt(0.999, 1e6)).toBe(0.999);
  });
});
