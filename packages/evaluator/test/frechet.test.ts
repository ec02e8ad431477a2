import { describe, expect, it } from 'vitest';
import {
  createMomentsAccumulator,
  featureMatrix,
  featureMatrixFromRows,
  frechetDistance,
  frechetDistanceOfMoments,
  momentsOf,
  sliceRows,
} from '@lascaux/evaluator';
import { fixture, makeFeatures, type Recipe } from './features.js';

interface FeatureCase {
  id: string;
  D: number;
  features1: Recipe;
  features2: Recipe;
  row0_first8: number[];
  mu1_first8: number[];
  sigma1_trace: number;
  sigma1_upper?: number[];
  distance: { pytorch_fid: number; torch_fidelity_eigvals: number; accurate: number };
}

interface MomentsCase {
  id: string;
  mu1: number[];
  sigma1: number[][];
  mu2: number[];
  sigma2: number[][];
  distance: { pytorch_fid: number; mpmath_from_sigma: number };
}

const cases = fixture<FeatureCase[]>('frechet.json');

describe.each(cases)('$id', ({ id, D, features1, features2, ...expected }) => {
  const [a, b] = [makeFeatures(features1, D), makeFeatures(features2, D)];
  const { accurate, pytorch_fid: pytorchFid } = expected.distance;
  const wellConditioned = !/below_d|singular|identical/.test(id);
  const scale = Math.max(1, accurate);

  it('uses the reference features and moments', () => {
    expect([...a.data.subarray(0, expected.row0_first8.length)]).toEqual(expected.row0_first8);
    const { mean, covariance } = momentsOf(a);
    expected.mu1_first8.forEach((value, i) => expect(mean[i]).toBeCloseTo(value, 13));
    const trace = covariance.reduce((sum, value, i) => sum + (i % (D + 1) === 0 ? value : 0), 0);
    expect(Math.abs(trace / expected.sigma1_trace - 1)).toBeLessThan(1e-13);
  });

  it('equals the accurate distance and the Python tools', () => {
    for (const distance of [frechetDistance(a, b), frechetDistanceOfMoments(momentsOf(a), momentsOf(b))]) {
      expect(Math.abs(distance - accurate) / scale).toBeLessThan(wellConditioned ? 1e-12 : 1e-6);
      expect(Math.abs(distance - pytorchFid) / scale).toBeLessThan(wellConditioned ? 1e-12 : 1e-6);
    }
  });

  it('is symmetric', () => {
    expect(Math.abs(frechetDistance(b, a) - frechetDistance(a, b)) / scale).toBeLessThan(
      wellConditioned ? 1e-12 : 1e-7,
    );
  });
});

it.each(fixture<MomentsCase[]>('frechet-moments.json'))('moments: $id', ({ mu1, sigma1, mu2, sigma2, distance }) => {
  const moments = (mean: number[], covariance: number[][]) => ({
    mean: Float64Array.from(mean),
    covariance: Float64Array.from(covariance.flat()),
  });
  expect(frechetDistanceOfMoments(moments(mu1, sigma1), moments(mu2, sigma2))).toBeCloseTo(
    distance.mpmath_from_sigma,
    12,
  );
});

describe('streaming moments', () => {
  const all = makeFeatures({ N: 101, seed: 3, mix: 0.5, shift0: 1000 }, 9);

  it('do not depend on the batches', () => {
    const accumulator = createMomentsAccumulator(9);
    for (const [start, stop] of [
      [0, 1],
      [1, 40],
      [40, 41],
      [41, 101],
    ] as const)
      accumulator.add(sliceRows(all, start, stop));
    const [streamed, whole] = [accumulator.moments(), momentsOf(all)];
    expect(accumulator.count).toBe(101);
    streamed.covariance.forEach((value, i) => expect(value).toBeCloseTo(whole.covariance[i] ?? NaN, 10));
    streamed.mean.forEach((value, i) => expect(value).toBeCloseTo(whole.mean[i] ?? NaN, 10));
  });

  it('equal hand-computed ones', () => {
    const { mean, covariance, count } = momentsOf(
      featureMatrixFromRows([
        [1, 2],
        [3, 6],
        [5, 1],
      ]),
    );
    expect([...mean]).toEqual([3, 3]);
    expect([...covariance]).toEqual([4, -1, -1, 7]);
    expect(count).toBe(3);
  });

  it('refuse what they cannot use', () => {
    expect(() => createMomentsAccumulator(2).moments()).toThrow('at least 2 samples');
    expect(() => createMomentsAccumulator(2).add(featureMatrix(new Float32Array(6), 3))).toThrow(
      'must have 2 columns, got 3',
    );
    expect(() =>
      momentsOf(
        featureMatrixFromRows([
          [1, 2],
          [NaN, 3],
        ]),
      ),
    ).toThrow('must be finite, got NaN in row 1');
  });
});

describe('bad input', () => {
  const [a, b] = [makeFeatures({ N: 9, seed: 1 }, 3), makeFeatures({ N: 9, seed: 2 }, 4)];

  it('is named', () => {
    expect(() => frechetDistance(a, b)).toThrow('both sets must have as many columns, got 3 and 4');
    expect(() => frechetDistance(sliceRows(a, 0, 1), a)).toThrow('at least 2 rows are needed, got 1');
    expect(() => featureMatrix(new Float32Array(7), 2)).toThrow('multiple of 2 columns, got 7');
    expect(() => featureMatrix(new Float32Array(7), 0)).toThrow('positive integer, got 0');
    expect(() => featureMatrixFromRows([[1], [1, 2]])).toThrow('row 1 must have 1 columns, got 2');
    const infinite = { mean: Float64Array.of(0), covariance: Float64Array.of(Infinity) };
    expect(() => frechetDistanceOfMoments(infinite, infinite)).toThrow('must be finite, got Infinity');
    const ragged = { mean: Float64Array.of(0, 1), covariance: Float64Array.of(1) };
    expect(() => frechetDistanceOfMoments(ragged, ragged)).toThrow('2 means need 2×2 covariances, got 1 values');
  });
});
