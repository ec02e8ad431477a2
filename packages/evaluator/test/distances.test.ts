import { describe, expect, it } from 'vitest';
import {
  clipMmd,
  featureMatrix,
  featureMatrixFromRows,
  inceptionScore,
  kernelInceptionDistance,
  numpyRandomState,
  polynomialMmd2,
  precisionRecall,
  sliceRows,
  type FeatureMatrix,
  type MmdEstimator,
} from '@lascaux/evaluator';
import { fixture, linearCongruential, makeFeatures, type Recipe } from './features.js';

interface KidCase {
  id: string;
  D: number;
  features1: Recipe;
  features2: Recipe;
  kernel: { degree: number; gamma: number | null; coef0: number };
  subset_size: number;
  subset_rng: string;
  subset_seed: number;
  subsets1: number[][];
  subsets2: number[][];
  mmd2_per_subset: number[];
  kid: { mean: number; std_population: number };
  mmd2_first_m_rows: Record<MmdEstimator, number> & { m: number };
}

const kidCases = fixture<KidCase[]>('kid.json');

describe.each(kidCases)('$id', (c) => {
  const [a, b] = [makeFeatures(c.features1, c.D), makeFeatures(c.features2, c.D)];
  const kernel = { degree: c.kernel.degree, gamma: c.kernel.gamma ?? undefined, coefficient: c.kernel.coef0 };

  it('equals torch-fidelity on the given subsets', async () => {
    const drawn = c.subsets1.map((rows1, i) => ({ rows1, rows2: c.subsets2[i] ?? [] }));
    const result = await kernelInceptionDistance(a, b, { kernel, drawn });
    c.mmd2_per_subset.forEach((value, i) => expect(result.perSubset[i]).toBeCloseTo(value, 12));
    expect(result.mean).toBeCloseTo(c.kid.mean, 12);
    expect(result.standardDeviation).toBeCloseTo(c.kid.std_population, 12);
  });

  it.each(['unbiased', 'biased', 'u-statistic'] as const)('equals the %s estimate of the first rows', (estimator) => {
    const { m, [estimator]: expected } = c.mmd2_first_m_rows;
    expect(polynomialMmd2(sliceRows(a, 0, m), sliceRows(b, 0, m), { kernel, estimator })).toBeCloseTo(expected, 12);
  });
});

describe('kernelInceptionDistance', () => {
  it('draws the subsets that RandomState draws', async () => {
    const c = kidCases.find((candidate) => candidate.subset_rng === 'numpy');
    if (!c) throw new Error('fixture: a numpy case is needed');
    const random = numpyRandomState(c.subset_seed);
    c.subsets1.forEach((rows1, i) => {
      expect([...random.permutation(c.features1.N).subarray(0, c.subset_size)]).toEqual(rows1);
      expect([...random.permutation(c.features2.N).subarray(0, c.subset_size)]).toEqual(c.subsets2[i]);
    });
    const options = { subsets: c.subsets1.length, subsetSize: c.subset_size, seed: c.subset_seed };
    const result = await kernelInceptionDistance(
      makeFeatures(c.features1, c.D),
      makeFeatures(c.features2, c.D),
      options,
    );
    expect(result.mean).toBeCloseTo(c.kid.mean, 12);
  });

  it('is the same in float32, whether subsets share rows or are taken apart', async () => {
    const [a, b] = [makeFeatures({ N: 40, seed: 3 }, 16), makeFeatures({ N: 30, seed: 4, shift0: 0.5 }, 16)];
    const single = ({ data, columns }: FeatureMatrix) => featureMatrix(Float32Array.from(data), columns);
    const [x, y] = [single(a), single(b)];
    const mmd2 = (size: number) => polynomialMmd2(sliceRows(x, 0, size), sliceRows(y, 0, size));
    for (const copies of [1, 40]) {
      const sizes = Array.from({ length: copies }, () => 20);
      const drawn = sizes.map((length) => {
        const rows = Int32Array.from({ length }, (_, i) => i);
        return { rows1: rows, rows2: rows };
      });
      const { perSubset } = await kernelInceptionDistance(x, y, { drawn });
      for (const value of perSubset) expect(value).toBeCloseTo(mmd2(20), 6);
    }
  });

  it('refuses subsets larger than a set, bad seeds and unequal u-statistics', async () => {
    const [a, b] = [makeFeatures({ N: 9, seed: 1 }, 3), makeFeatures({ N: 8, seed: 2 }, 3)];
    await expect(kernelInceptionDistance(a, b)).rejects.toThrow('subsetSize must be an integer from 2 to 8, got 1000');
    await expect(kernelInceptionDistance(a, b, { subsetSize: 4, subsets: 0 })).rejects.toThrow(
      'subsets must be a positive integer, got 0',
    );
    expect(() => polynomialMmd2(a, b, { estimator: 'u-statistic' })).toThrow('sets of one size, got 9 and 8');
    expect(() => numpyRandomState(-1)).toThrow('got -1');
  });
});

interface ManifoldCase {
  id: string;
  k: number;
  generated: number[][];
  real: number[][];
  precision: number;
  recall: number;
  f_score_torch_fidelity: number | null;
}

describe('precisionRecall', () => {
  it.each(fixture<ManifoldCase[]>('precision-recall.json'))('$id', async ({ k, generated, real, ...expected }) => {
    const sets = { generated: featureMatrixFromRows(generated), real: featureMatrixFromRows(real) };
    const result = await precisionRecall(sets, { k, ballK: k });
    expect(result.precision).toBeCloseTo(expected.precision, 14);
    expect(result.recall).toBeCloseTo(expected.recall, 14);
    if (expected.f_score_torch_fidelity !== null && expected.precision > 0) {
      expect(result.fScore).toBeCloseTo(expected.f_score_torch_fidelity, 5);
    }
  });

  it('does not depend on where the sets lie or how many blocks they make', async () => {
    const u = linearCongruential(5);
    const rows = Array.from({ length: 900 }, () => [u(), u(), u()]);
    const moved = rows.map((row) => row.map((value) => value + 4096));
    const sets = (points: number[][]) => ({
      generated: featureMatrixFromRows(points.slice(0, 270)),
      real: featureMatrixFromRows(points.slice(270)),
    });
    expect(await precisionRecall(sets(moved))).toEqual(await precisionRecall(sets(rows)));
  });

  it('puts copies at distance zero in float32', async () => {
    const u = linearCongruential(9);
    const row = Float32Array.from({ length: 32 }, () => 100 + u());
    const copies = featureMatrix(
      Float32Array.from({ length: 6 * 32 }, (_, i) => row[i % 32]!),
      32,
    );
    const result = await precisionRecall({ generated: copies, real: copies }, { k: 2, ballK: 2 });
    expect(result).toMatchObject({ precision: 1, recall: 1, density: 0, coverage: 0 });
  });

  it('refuses k without neighbours', async () => {
    const set = featureMatrixFromRows([[0], [1], [2]]);
    const result = precisionRecall({ generated: set, real: set }, { ballK: 1 });
    await expect(result).rejects.toThrow('k must be an integer from 1 to 2, got 3');
  });
});

describe('density and coverage', () => {
  const line = (...values: number[]) => featureMatrixFromRows(values.map((value) => [value]));
  const densityCoverage = async (generated: number[], real: number[]) => {
    const sets = { generated: line(...generated), real: line(...real) };
    const { density, coverage } = await precisionRecall(sets, { k: 1, ballK: 1 });
    return { density, coverage };
  };

  it('equal hand counts', async () => {
    // Balls (k = 1): 0 ± 1, 1 ± 1, 3 ± 2, 10 ± 7; inside: 0.5 in two, 1.5 in two, 4 in two, 20 in none.
    expect(await densityCoverage([0.5, 1.5, 4, 20], [0, 1, 3, 10])).toEqual({ density: 6 / 4, coverage: 1 });
    expect(await densityCoverage([0.5, 0.25], [0, 1, 5, 6])).toEqual({ density: 2, coverage: 0.5 });
  });

  it('leave the edge outside', async () => {
    expect(await densityCoverage([2, 9], [0, 1])).toEqual({ density: 0, coverage: 0 });
  });
});

interface ScoreCase {
  id: string;
  logits?: number[][];
  probabilities: number[][];
  results: { splits: number; per_split?: number[]; mean: number; std_population?: number }[];
}

describe('inceptionScore', () => {
  describe.each(fixture<ScoreCase[]>('inception-score.json'))('$id', ({ logits, probabilities, results }) => {
    it.each(results)('in $splits splits', ({ splits, ...expected }) => {
      const scores = [inceptionScore(featureMatrixFromRows(probabilities), { input: 'probabilities', splits })];
      if (logits) scores.push(inceptionScore(featureMatrixFromRows(logits), { splits }));
      for (const { mean, standardDeviation, perSplit } of scores) {
        expect(mean).toBeCloseTo(expected.mean, 12);
        expect(standardDeviation).toBeCloseTo(expected.std_population ?? 0, 12);
        expected.per_split?.forEach((value, i) => expect(perSplit[i]).toBeCloseTo(value, 12));
      }
    });
  });

  it('shuffles when told, without changing a single split', () => {
    const u = linearCongruential(9);
    const logits = featureMatrixFromRows(Array.from({ length: 40 }, () => [u() * 9, u() * 9, u() * 9]));
    const [plain, shuffled] = [
      inceptionScore(logits, { splits: 4 }),
      inceptionScore(logits, { splits: 4, shuffleSeed: 2020 }),
    ];
    expect(shuffled.perSplit).not.toEqual(plain.perSplit);
    expect(inceptionScore(logits, { splits: 1, shuffleSeed: 2020 }).mean).toBeCloseTo(
      inceptionScore(logits, { splits: 1 }).mean,
      12,
    );
  });

  it('refuses what is no distribution', () => {
    const rows = featureMatrixFromRows([
      [0.5, 0.4],
      [1, 0],
    ]);
    expect(() => inceptionScore(rows, { input: 'probabilities', splits: 1 })).toThrow(
      'must sum to 1, got 0.9 in row 0',
    );
    expect(() => inceptionScore(rows)).toThrow('from 1 to 2 rows, got 10');
    expect(() => inceptionScore(featureMatrixFromRows([[2, -1]]), { input: 'probabilities', splits: 1 })).toThrow(
      'got -1 in row 0',
    );
  });
});

describe('clipMmd', () => {
  it('of two directions is 2000·(1 − exp(−d²/200))', () => {
    const value = clipMmd(featureMatrixFromRows([[3, 0]]), featureMatrixFromRows([[0, 2]]));
    expect(value).toBeCloseTo(2000 * (1 - Math.exp(-2 / 200)), 10);
  });

  it('is zero for equal sets and grows with distance', () => {
    const angles = (...values: number[]) => featureMatrixFromRows(values.map((a) => [Math.cos(a), Math.sin(a)]));
    expect(clipMmd(angles(0, 1, 2), angles(0, 1, 2))).toBe(0);
    expect(clipMmd(angles(0, 1, 2), angles(0.5, 1.5, 2.5))).toBeGreaterThan(
      clipMmd(angles(0, 1, 2), angles(0.1, 1.1, 2.1)),
    );
  });
});
