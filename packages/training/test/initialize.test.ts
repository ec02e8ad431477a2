import type { ParameterSpec } from '@lascaux/nn';
import { initializeParameters } from '@lascaux/training';
import { describe, expect, it } from 'vitest';

const specs: readonly ParameterSpec[] = [
  { name: 'a.weight', shape: [100, 100], initializer: { kind: 'normal', scale: 0.02 } },
  { name: 'b.weight', shape: [100, 100], initializer: { kind: 'uniform', scale: 3 } },
  { name: 'c', shape: [2], initializer: { kind: 'ones' } },
  { name: 'd', shape: [2], initializer: { kind: 'zeros' } },
  { name: 'e', shape: [], initializer: { kind: 'constant', value: 2.5 } },
];

describe('initializeParameters', () => {
  const values = initializeParameters(specs, 1);
  const of = (name: string): Float32Array => values.get(name) ?? new Float32Array();

  it('fills each shape by its initialiser', () => {
    expect([...of('c'), ...of('d'), ...of('e')]).toEqual([1, 1, 0, 0, 2.5]);
    const deviation = Math.sqrt(of('a.weight').reduce((total, x) => total + x * x, 0) / 10_000);
    expect(deviation).toBeCloseTo(0.02, 3);
    expect(Math.max(...of('b.weight'))).toBeLessThan(3);
    expect(Math.min(...of('b.weight'))).toBeLessThan(-2.9);
    expect(of('b.weight').reduce((total, x) => total + x * x, 0) / 10_000).toBeCloseTo(3, 0);
  });

  it('names a parameter that is too large before any is drawn', () => {
    const large = { name: 'f', shape: [1e6, 1e6], initializer: { kind: 'zeros' } } as const;
    expect(() => initializeParameters([...specs, large], 1)).toThrow(
      'train: parameter f is too large, got "1000000 x 1000000" (accepted: up to 2147483648 elements)',
    );
  });

  it('gives a parameter the same values whatever stands beside it, and others under another seed', () => {
    expect(initializeParameters([specs[1]!], 1).get('b.weight')).toEqual(of('b.weight'));
    expect(initializeParameters([specs[1]!], 2).get('b.weight')).not.toEqual(of('b.weight'));
  });
});
