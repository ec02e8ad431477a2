import { describe, expect, it } from 'vitest';
import {
  bitsPerDimension,
  diagonalGaussianKl,
  diagonalGaussianNegativeLogDensity,
  exactElbo,
  exactLogLikelihood,
  exactPosterior,
  gaussianKl,
  gaussianLogDensity,
  importanceWeightedBound,
  sampledBounds,
  scalarGaussianKl,
  standardGaussian,
} from '@lascaux/evaluator';
import { fixture } from './features.js';

interface KlCase {
  id: string;
  kind: string;
}
interface ScalarCase extends KlCase {
  mu1: number;
  std1: number;
  mu2: number;
  std2: number;
  kl_nats: number;
}
interface FullCase extends KlCase {
  mu1: number[];
  cov1: number[][];
  mu2: number[];
  cov2: number[][];
  kl_nats: number;
  kl_to_standard_nats: number;
}
interface DiagonalCase extends KlCase {
  shape: [number, number, number, number];
  parameters1: number[];
  parameters2: number[];
  x: number[];
  kl_to_standard: number[];
  kl_1_to_2: number[];
  nll_x_under_1: number[];
}
interface QCase {
  q: string;
  mean: number[];
  cov: number[][];
  expected_log_likelihood: number;
  kl_q_prior: number;
  elbo: number;
  gap_equals_kl_q_posterior: number;
  eps: number[][];
  mc_elbo_sampled_rec_analytic_kl: number;
  mc_elbo_all_sampled: number;
  iwae_bound: number;
}
interface ElboCase {
  id: string;
  obs_variance: number;
  W: number[][];
  b: number[];
  x: number[];
  log_px: number;
  posterior_mean: number[];
  posterior_cov: number[][];
  q_cases: QCase[];
}

const gaussian = (mean: number[], covariance: number[][]) => ({
  mean: Float64Array.from(mean),
  covariance: Float64Array.from(covariance.flat()),
});
const closeTo = (got: ArrayLike<number>, expected: number[], relative: number): void => {
  expect(got.length).toBe(expected.length);
  expected.forEach((value, i) =>
    expect(Math.abs((got[i] ?? NaN) - value)).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(value))),
  );
};

const klCases = fixture<KlCase[]>('gaussian-kl.json');
const ofKind = <C extends KlCase>(kind: string): C[] => klCases.filter((c) => c.kind.startsWith(kind)) as C[];

describe('Kullback-Leibler divergence', () => {
  it.each(ofKind<ScalarCase>('scalar'))('$id', ({ mu1, std1, mu2, std2, kl_nats: expected }) => {
    const kl = scalarGaussianKl({ mean: mu1, deviation: std1 }, { mean: mu2, deviation: std2 });
    // The inputs of these cases are printed with six decimals, which moves the value by up to 1e-7 of it.
    closeTo([kl], [expected], 1e-6);
    expect(gaussianKl(gaussian([mu1], [[std1 ** 2]]), gaussian([mu2], [[std2 ** 2]]))).toBeCloseTo(kl, 13);
  });

  it.each(ofKind<FullCase>('full'))(
    '$id',
    ({ mu1, cov1, mu2, cov2, kl_nats: expected, kl_to_standard_nats: toStandard }) => {
      const q = gaussian(mu1, cov1);
      expect(gaussianKl(q, gaussian(mu2, cov2))).toBeCloseTo(expected, 12);
      expect(gaussianKl(q, standardGaussian(mu1.length))).toBeCloseTo(toStandard, 12);
      expect(gaussianKl(q, q)).toBeCloseTo(0, 13);
    },
  );

  it.each(ofKind<DiagonalCase>('diagonal'))('$id', (c) => {
    const count = c.shape[0];
    const [q, p] = [c.parameters1, c.parameters2].map((values) => ({ parameters: Float64Array.from(values), count }));
    if (!q || !p) throw new Error('fixture: two sets of parameters are needed');
    closeTo(diagonalGaussianKl(q), c.kl_to_standard, 1e-13);
    closeTo(diagonalGaussianKl(q, p), c.kl_1_to_2, 1e-13);
    closeTo(diagonalGaussianNegativeLogDensity(q, c.x), c.nll_x_under_1, 1e-13);
  });

  it('refuses what is no distribution', () => {
    expect(() => scalarGaussianKl({ mean: 0, deviation: 1 }, { mean: 0, deviation: 0 })).toThrow(
      'must be positive, got 0',
    );
    expect(() =>
      gaussianKl(
        gaussian(
          [0, 0],
          [
            [1, 2],
            [2, 1],
          ],
        ),
        standardGaussian(2),
      ),
    ).toThrow('positive definite, got pivot -3 at 1 of 2');
    expect(() => gaussianKl(standardGaussian(2), standardGaussian(3))).toThrow('got 2 and 3');
    expect(() => diagonalGaussianKl({ parameters: new Float32Array(6), count: 2 })).toThrow('2 items need means');
    expect(() => gaussianLogDensity(standardGaussian(2), [0])).toThrow('x must have 2 values, got 1');
  });
});

describe.each(fixture<ElboCase[]>('elbo-linear-gaussian.json'))('$id', (c) => {
  const model = { weight: Float64Array.from(c.W.flat()), bias: Float64Array.from(c.b), variance: c.obs_variance };

  it('has the exact likelihood and posterior', () => {
    expect(exactLogLikelihood(model, c.x)).toBeCloseTo(c.log_px, 11);
    const posterior = exactPosterior(model, c.x);
    closeTo(posterior.mean, c.posterior_mean, 1e-12);
    closeTo(posterior.covariance, c.posterior_cov.flat(), 1e-12);
  });

  it.each(c.q_cases)('ELBO and sampled bounds under the $q', (expected) => {
    const q = gaussian(expected.mean, expected.cov);
    const bound = exactElbo(model, c.x, q);
    expect(bound.expectedLogLikelihood).toBeCloseTo(expected.expected_log_likelihood, 11);
    expect(bound.kl).toBeCloseTo(expected.kl_q_prior, 12);
    expect(bound.elbo).toBeCloseTo(expected.elbo, 11);
    const gap = gaussianKl(q, exactPosterior(model, c.x));
    expect(gap).toBeCloseTo(expected.gap_equals_kl_q_posterior, 11);
    expect(bound.elbo + gap).toBeCloseTo(c.log_px, 11);
    const sampled = sampledBounds(model, c.x, { q, noise: expected.eps });
    expect(sampled.elboAnalyticKl).toBeCloseTo(expected.mc_elbo_sampled_rec_analytic_kl, 11);
    expect(sampled.elbo).toBeCloseTo(expected.mc_elbo_all_sampled, 11);
    expect(sampled.importanceWeighted).toBeCloseTo(expected.iwae_bound, 11);
    expect(sampled.importanceWeighted).toBeGreaterThanOrEqual(sampled.elbo - 1e-12);
  });
});

describe('importanceWeightedBound', () => {
  it('is the log of the mean weight, however small', () => {
    expect(importanceWeightedBound([Math.log(1), Math.log(3)])).toBeCloseTo(Math.log(2), 14);
    expect(importanceWeightedBound([-5000, -5000])).toBe(-5000);
    expect(importanceWeightedBound([-Infinity, -Infinity])).toBe(-Infinity);
    expect(() => importanceWeightedBound([])).toThrow('at least one sample');
    expect(() => importanceWeightedBound([0, NaN])).toThrow('got NaN at 1');
  });

  it('converts to bits', () => {
    expect(bitsPerDimension(12 * Math.LN2, 4)).toBeCloseTo(3, 14);
    expect(() => bitsPerDimension(1, 0)).toThrow('dimensions must be positive, got 0');
  });

  it('refuses models that cannot be', () => {
    const model = { weight: new Float64Array(3), bias: new Float64Array(2), variance: 1 };
    expect(() => exactLogLikelihood(model, [0, 0])).toThrow('2 biases need as many rows of weights, got 3 values');
    expect(() => exactLogLikelihood({ ...model, weight: new Float64Array(2), variance: 0 }, [0, 0])).toThrow(
      'variance must be positive, got 0',
    );
  });
});
