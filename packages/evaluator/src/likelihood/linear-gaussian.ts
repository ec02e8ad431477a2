import { LascauxError } from '@lascaux/nn';
import { choleskyDefinite, solveLower, solveLowerTransposed } from '../linear-algebra/cholesky-definite.js';
import { gaussianKl, gaussianLogDensity, standardGaussian, type Gaussian } from './gaussian.js';
import { importanceWeightedBound } from './importance-weighted-bound.js';

/**
 * A decoder whose likelihood is known exactly: z ~ N(0, I), x|z ~ N(Wz + b, σ²I) (Tipping & Bishop 1999). Its ELBO is what the
 * code that judges real autoencoders is checked against.
 */
export interface LinearGaussianModel {
  /** Row-major, dimensions of x × dimensions of z. */
  readonly weight: Float64Array;
  readonly bias: Float64Array;
  /** σ². */
  readonly variance: number;
}

/** ELBO and its two terms, nats. */
export interface EvidenceLowerBound {
  /** E_q ln p(x|z). */
  readonly expectedLogLikelihood: number;
  /** KL(q ‖ p(z)). */
  readonly kl: number;
  readonly elbo: number;
}

/** ln p(x) = ln N(x; b, WWᵀ + σ²I). */
export function exactLogLikelihood(model: LinearGaussianModel, x: ArrayLike<number>): number {
  const { bias, variance } = model;
  const [dx, dz] = dimensionsOf(model);
  const covariance = outerSum(model.weight, [dx, dz, 1], [dz, 1]);
  for (let i = 0; i < dx; i++) covariance[i * dx + i] = (covariance[i * dx + i] ?? 0) + variance;
  return gaussianLogDensity({ mean: bias, covariance }, x);
}

/** p(z|x) = N(Σ Wᵀ(x−b)/σ², Σ) with Σ = (I + WᵀW/σ²)⁻¹. */
export function exactPosterior(model: LinearGaussianModel, x: ArrayLike<number>): Gaussian {
  const { weight, bias, variance } = model;
  const [dx, dz] = dimensionsOf(model);
  const precision = outerSum(weight, [dz, dx, 1 / variance], [1, dz]);
  for (let i = 0; i < dz; i++) precision[i * dz + i] = (precision[i * dz + i] ?? 0) + 1;
  const l = choleskyDefinite(precision, dz);
  const solve = (vector: ArrayLike<number>): Float64Array => solveLowerTransposed(l, solveLower(l, vector));
  const projected = Float64Array.from({ length: dz }, (_, j) =>
    bias.reduce((sum, b, i) => sum + (weight[i * dz + j] ?? 0) * ((x[i] ?? 0) - b), 0),
  );
  const covariance = new Float64Array(dz * dz);
  for (let j = 0; j < dz; j++)
    covariance.set(solve(standardGaussian(dz).covariance.subarray(j * dz, (j + 1) * dz)), j * dz);
  return { mean: solve(projected.map((value) => value / variance)), covariance };
}

/** The ELBO of x under q(z), in closed form. */
export function exactElbo(model: LinearGaussianModel, x: ArrayLike<number>, q: Gaussian): EvidenceLowerBound {
  const [dx, dz] = dimensionsOf(model);
  const spread = outerSum(model.weight, [dz, dx, 1], [1, dz]).reduce(
    (sum, value, i) => sum + value * (q.covariance[i] ?? 0),
    0,
  );
  const expectedLogLikelihood = logLikelihood(model, x, q.mean) - spread / (2 * model.variance);
  const kl = gaussianKl(q, standardGaussian(dz));
  return { expectedLogLikelihood, kl, elbo: expectedLogLikelihood - kl };
}

/** Monte Carlo values of the bounds, from the same samples; nats. */
export interface SampledBounds {
  /** Mean ln p(x|z) − KL, with the KL in closed form. */
  readonly elboAnalyticKl: number;
  /** Mean of ln p(x|z) + ln p(z) − ln q(z). */
  readonly elbo: number;
  /** ln of the mean weight. */
  readonly importanceWeighted: number;
}

/** Bounds from samples z = μ + L ε of q, where LLᵀ is its covariance and `noise` holds one ε a row. */
export function sampledBounds(
  model: LinearGaussianModel,
  x: ArrayLike<number>,
  options: { q: Gaussian; noise: readonly ArrayLike<number>[] },
): SampledBounds {
  const { q, noise } = options;
  const [, dz] = dimensionsOf(model);
  const l = choleskyDefinite(q.covariance, dz);
  const prior = standardGaussian(dz);
  const samples = noise.map((eps) => {
    const z = q.mean.map(
      (mean, i) => mean + l.subarray(i * dz, (i + 1) * dz).reduce((sum, value, k) => sum + value * (eps[k] ?? 0), 0),
    );
    const reconstruction = logLikelihood(model, x, z);
    return { reconstruction, logWeight: reconstruction + gaussianLogDensity(prior, z) - gaussianLogDensity(q, z) };
  });
  const mean = (pick: (sample: (typeof samples)[number]) => number): number =>
    samples.reduce((sum, sample) => sum + pick(sample), 0) / samples.length;
  return {
    elboAnalyticKl: mean((sample) => sample.reconstruction) - gaussianKl(q, prior),
    elbo: mean((sample) => sample.logWeight),
    importanceWeighted: importanceWeightedBound(samples.map((sample) => sample.logWeight)),
  };
}

/** ln N(x; Wz + b, σ²I). */
function logLikelihood(model: LinearGaussianModel, x: ArrayLike<number>, z: Float64Array): number {
  const { weight, bias, variance } = model;
  const [dx, dz] = dimensionsOf(model);
  let squares = 0;
  for (let i = 0; i < dx; i++) {
    const row = weight.subarray(i * dz, (i + 1) * dz);
    squares += ((x[i] ?? NaN) - (bias[i] ?? 0) - row.reduce((sum, w, j) => sum + w * (z[j] ?? 0), 0)) ** 2;
  }
  return -0.5 * (dx * Math.log(2 * Math.PI * variance) + squares / variance);
}

function dimensionsOf({ weight, bias, variance }: LinearGaussianModel): [number, number] {
  const dz = weight.length / bias.length;
  if (bias.length === 0 || !Number.isInteger(dz) || dz === 0) {
    throw new LascauxError({
      operation: 'linear Gaussian model',
      rule: `${bias.length} biases need as many rows of weights, got ${weight.length} values`,
    });
  }
  if (!(variance > 0))
    throw new LascauxError({ operation: 'linear Gaussian model', rule: 'variance must be positive', value: variance });
  return [bias.length, dz];
}

/** scale·Σ_k m(i, k) m(j, k), for i, j below `size`, k below `length`, with the given strides of i and k. */
function outerSum(
  m: Float64Array,
  [size, length, scale]: readonly [number, number, number],
  [stride, step]: readonly [number, number],
): Float64Array {
  return Float64Array.from({ length: size * size }, (_, ij) => {
    const [i, j] = [Math.floor(ij / size), ij % size];
    let sum = 0;
    for (let k = 0; k < length; k++) sum += (m[i * stride + k * step] ?? 0) * (m[j * stride + k * step] ?? 0);
    return scale * sum;
  });
}
