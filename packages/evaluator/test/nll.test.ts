import { exactElbo, exactLogLikelihood } from '@lascaux/evaluator';
import { schedulerFromConfig } from '@lascaux/diffusion';
import { boundStrata } from '@lascaux/diffusion/bound';
import { randomStream } from '@lascaux/nn';
import { describe, expect, it } from 'vitest';
import { autoencoderNll, encodePicture, pictureBounds, type Autoencoder } from '../src/evaluate/nll/autoencoder.js';
import { jointNll } from '../src/evaluate/nll/joint.js';
import { distortions, latentBound, latentNll } from '../src/evaluate/nll/latent.js';
import { meanAndError, nllTerm } from '../src/evaluate/nll/term.js';

/**
 * Pictures of one pixel, x = W z + b + noise with z of two values. The columns of W are orthogonal, so the exact posterior is diagonal,
 * as an encoder's answer is, and ln p(x) is known.
 */
const weight: readonly number[] = [0.8, 0.1, 0.4, -0.2, -0.1, 0.0]; // [3, 2]; 0.8·0.1 − 0.4·0.2 = 0
const bias: readonly number[] = [0.1, -0.2, 0.05];
const variance = 0.04;
const model = { weight: Float64Array.from(weight), bias: Float64Array.from(bias), variance };

const decodeLinear = (z: Float32Array): Float32Array =>
  Float32Array.from(bias, (b, i) => b + weight[2 * i]! * z[0]! + weight[2 * i + 1]! * z[1]!);

/** The posterior of each latent value: precision 1 + |w|²/σ², mean wᵀ(x − b)/σ² over it; `widened` scales its variance. */
function posteriorOf(x: Float32Array, widened = 1) {
  const columns = [0, 1].map((j) => {
    const w = bias.map((_, i) => weight[2 * i + j]!);
    const precision = 1 + w.reduce((sum, value) => sum + value ** 2, 0) / variance;
    const projected = w.reduce((sum, value, i) => sum + value * (x[i]! - bias[i]!), 0) / variance;
    return { mean: projected / precision, variance: widened / precision };
  });
  return {
    mean: Float32Array.from(columns, ({ mean }) => mean),
    logVariance: Float32Array.from(columns, (column) => Math.log(column.variance)),
  };
}

const linear = (widened = 1): Autoencoder => ({
  size: 1,
  encoder: { posterior: (x) => Promise.resolve(posteriorOf(x, widened)) },
  decoder: {
    // Scaled latents are twice the raw ones plus a shift, which must cancel.
    config: { latentChannels: 2, spatialFactor: 1, scaling: { scalingFactor: 2, shiftFactor: 0.3 } },
    decode: (scaled) => Promise.resolve(decodeLinear(scaled.map((value) => value / 2 + 0.3))),
  },
});

const x = Float32Array.of(0.5, 0.1, -0.3);
const logVariance = Math.log(variance);

describe('the bounds of an autoencoder, on a model whose likelihood is known', () => {
  it('are exact under the exact posterior, whatever the samples', async () => {
    const encoded = await encodePicture(linear(), x);
    const run = { logVariance, samples: 3, stream: randomStream(1) };
    const bounds = await pictureBounds(linear(), encoded, run);
    // Each weight is p(x) itself.
    expect(-bounds.importanceWeighted).toBeCloseTo(exactLogLikelihood(model, x), 4);
  });

  it('the ELBO is its closed form in the mean, and more samples of the importance-weighted bound are tighter', async () => {
    const autoencoder = linear(3);
    const encoded = await encodePicture(autoencoder, x);
    const { mean, logVariance: spread } = encoded.posterior;
    const covariance = Float64Array.of(Math.exp(spread[0]!), 0, 0, Math.exp(spread[1]!));
    const exact = exactElbo(model, x, { mean: Float64Array.from(mean), covariance });
    const averages = async (samples: number, repeats: number) => {
      const found = await Promise.all(
        Array.from({ length: repeats }, (_, k) =>
          pictureBounds(autoencoder, encoded, { logVariance, samples, stream: randomStream(k) }),
        ),
      );
      expect(found[0]!.divergence).toBeCloseTo(exact.kl, 5);
      return {
        elbo: meanAndError(found.map(({ reconstruction, divergence }) => -reconstruction - divergence)),
        weighted: meanAndError(found.map(({ importanceWeighted }) => -importanceWeighted)),
      };
    };
    const [one, many] = [await averages(1, 500), await averages(32, 40)];
    expect(Math.abs(one.elbo.mean - exact.elbo)).toBeLessThan(3 * one.elbo.error);
    expect(Math.abs(one.weighted.mean - exact.elbo)).toBeLessThan(3 * one.weighted.error);
    const logLikelihood = exactLogLikelihood(model, x);
    expect(many.weighted.mean).toBeGreaterThan(exact.elbo + 0.1);
    expect(many.weighted.mean).toBeLessThan(logLikelihood + 3 * many.weighted.error);
    expect(logLikelihood - many.weighted.mean).toBeLessThan(0.1);
  });

  it('the discrete one is a probability, near the density times the width of a bin', async () => {
    const bounds = await pictureBounds(linear(), await encodePicture(linear(), x), {
      logVariance,
      samples: 1,
      stream: randomStream(5),
    });
    expect(bounds.discreteReconstruction).toBeGreaterThan(0);
    expect(bounds.discreteReconstruction).toBeCloseTo(bounds.reconstruction - 3 * Math.log(2 / 255), 3);
    const joined = autoencoderNll([bounds, bounds], { dimensions: 3, samples: 1 });
    expect(joined.discrete.negativeElbo.nats).toBeCloseTo(bounds.discreteReconstruction + bounds.divergence, 10);
    expect(joined.continuous.negativeElbo.natsError).toBe(0);
  });
});

describe('the bounds of a diffusion model, on Gaussian latents with the exact denoiser', () => {
  const { levelAt } = schedulerFromConfig({ _class_name: 'DDPMScheduler', beta_schedule: 'squaredcos_cap_v2' });
  const timesteps = 1000;
  const deviation = 0.7;
  const denoiser = (noisy: Float32Array, { signal, sigma }: { signal: number; sigma: number }) => {
    const shrink = (signal * deviation ** 2) / ((signal * deviation) ** 2 + sigma ** 2);
    const denoised = noisy.map((value) => shrink * value);
    return { denoised, noise: denoised, output: denoised };
  };

  it('lie a little above the entropy of the data', async () => {
    const latents = { denoiser, levelAt, strata: boundStrata({ levelAt, timesteps, count: 40 }) };
    const stream = randomStream(2);
    const bounds = [];
    for (let k = 0; k < 60; k++) {
      const latent = stream.normal(64).map((value) => deviation * value);
      bounds.push(await latentBound(latents, latent, { stream }));
    }
    const facts = { dimensions: 64, timesteps, conditioned: false, strata: latents.strata };
    const { terms, strata } = latentNll(bounds, facts);
    const entropy = 0.5 * Math.log2(2 * Math.PI * Math.E * deviation ** 2);
    // β̃_t of the cleanest steps is well below the variance that such data leave there, β_t hardly above.
    for (const [variance, gap] of [
      ['fixed_small', 0.7],
      ['fixed_large', 0.15],
    ] as const) {
      const { total, steps } = terms[variance];
      expect(total.bitsPerDimension).toBeGreaterThan(entropy - 3 * total.bitsPerDimensionError);
      expect(total.bitsPerDimension).toBeLessThan(entropy + gap);
      expect(total.bitsPerDimensionError).toBeLessThan(0.05);
      expect(steps.nats).toBeGreaterThan(0);
    }
    const sum = strata.reduce((total, { fixed_large: large }) => total + large, 0);
    expect(sum).toBeCloseTo(terms.fixed_large.steps.bitsPerDimension, 10);
  });

  it('the joint bound lies above −ln p(x) of a linear decoder and finds a stop between the ends', async () => {
    // z ~ N(0, I), which the scaled latent is; x = W z + b + noise; the encoder's mean is the exact posterior's.
    const standard = (noisy: Float32Array, { signal }: { signal: number }) => {
      const denoised = noisy.map((value) => signal * value);
      return { denoised, noise: denoised, output: denoised };
    };
    const latents = { denoiser: standard, levelAt, strata: boundStrata({ levelAt, timesteps, count: 30 }) };
    const decoder = {
      config: { latentChannels: 2, spatialFactor: 1, scaling: { scalingFactor: 1, shiftFactor: 0 } },
      decode: (z: Float32Array) => Promise.resolve(decodeLinear(z)),
    };
    const stream = randomStream(4);
    const pictures = [];
    const exact: number[] = [];
    for (let k = 0; k < 200; k++) {
      const [z, noise] = [stream.normal(2), stream.normal(3)];
      const pixels = decodeLinear(z).map((value, i) => value + Math.sqrt(variance) * noise[i]!);
      const latent = posteriorOf(pixels).mean;
      const bound = await latentBound(latents, latent, { stream });
      const run = { pixels, latent, logVariance, stream };
      pictures.push({ bound, distortions: await distortions(latents, { decoder, size: 1 }, run) });
      exact.push(-exactLogLikelihood(model, pixels));
    }
    const joint = jointNll(pictures, { strata: latents.strata, dimensions: 3 });
    const truth = meanAndError(exact);
    for (const stop of joint.stops) expect(stop.continuous.nats).toBeGreaterThan(truth.mean - 3 * truth.error);
    const clean = joint.stops[0]!;
    expect(joint.best.timestep).toBeGreaterThan(clean.timestep);
    expect(joint.best.discrete.nats).toBeLessThan(clean.discrete.nats - 1);
    expect(joint.best.continuous.nats).toBeLessThan(truth.mean + 0.5);
    expect(joint.best.discrete.nats).toBeCloseTo(joint.best.rate.nats + joint.best.distortion.nats, 8);
  });
});

describe('nllTerm', () => {
  it('is the mean in three units, with its standard error', () => {
    const term = nllTerm([1, 3], 2);
    expect(term).toMatchObject({ nats: 2, natsError: 1, natsPerDimension: 1 });
    expect(term.bitsPerDimension).toBeCloseTo(1 / Math.LN2, 14);
    expect(term.bitsPerDimensionError).toBeCloseTo(0.5 / Math.LN2, 14);
  });
});
