import { schedulerFromConfig } from '@lascaux/diffusion';
import { boundStrata, stratifiedBound, variationalBound } from '@lascaux/diffusion/bound';
import { preservingLevel } from '@lascaux/diffusion/schedule';
import type { NoiseLevel } from '@lascaux/diffusion';
import { randomStream } from '@lascaux/nn';
import { describe, expect, it } from 'vitest';
import { gaussianDenoiser } from './helpers.js';

const scheduler = schedulerFromConfig({ _class_name: 'DDPMScheduler', clip_sample: false });
const { levelAt } = scheduler;
const timesteps = 1000;

/** E of each part of the bound for x0 ~ N(0, deviation²), with the exact denoiser; nats a value. */
function expectedBound(deviation: number, levels: readonly NoiseLevel[]) {
  const variance = deviation ** 2;
  // E (x0 − E[x0 | x_t])²
  const error = ({ signal, sigma }: NoiseLevel): number =>
    (variance * sigma ** 2) / (signal ** 2 * variance + sigma ** 2);
  const terms = levels.slice(1).map((from, i) => {
    const to = levels[i]!;
    const beta = 1 - (from.signal / to.signal) ** 2;
    const posterior = (beta * to.sigma ** 2) / from.sigma ** 2;
    const weight = ((to.signal * beta) / from.sigma ** 2) ** 2;
    return {
      small: (0.5 * weight * error(from)) / posterior,
      large: 0.5 * (Math.log(beta / posterior) + posterior / beta - 1 + (weight * error(from)) / beta),
    };
  });
  const [cleanest, noisiest] = [levels[0]!, levels.at(-1)!];
  const prior = 0.5 * (noisiest.signal ** 2 * variance + noisiest.sigma ** 2 - 1 - Math.log(noisiest.sigma ** 2));
  const reconstruction = 0.5 * (Math.log(2 * Math.PI * cleanest.sigma ** 2) + error(cleanest) / cleanest.sigma ** 2);
  const sum = (pick: (term: { small: number; large: number }) => number): number =>
    terms.reduce((total, term) => total + pick(term), 0);
  return { prior, terms, small: sum((term) => term.small), large: sum((term) => term.large), reconstruction };
}

const levelsOf = (config: object, count: number): NoiseLevel[] => {
  const made = schedulerFromConfig({ _class_name: 'DDPMScheduler', num_train_timesteps: count, ...config });
  return Array.from({ length: count }, (_, t) => made.levelAt(t));
};

describe('boundStrata', () => {
  it.each([1, 7, 24, 998, 999])('%i groups cover every step once', (count) => {
    const strata = boundStrata({ levelAt, timesteps, count });
    expect(strata).toHaveLength(count);
    expect(strata[0]!.first).toBe(1);
    expect(strata.at(-1)!.last).toBe(999);
    strata.slice(1).forEach(({ first, last }, i) => {
      expect(first).toBe(strata[i]!.last + 1);
      expect(last).toBeGreaterThanOrEqual(first);
    });
  });

  it('are narrow where x_t says most about x0', () => {
    const strata = boundStrata({ levelAt, timesteps, count: 20 });
    const width = ({ first, last }: { first: number; last: number }) => last - first + 1;
    expect(width(strata[0]!)).toBeLessThan(5);
    expect(width(strata.at(-1)!)).toBeGreaterThan(100);
  });

  it('refuses more groups than steps and schedules that let the variance grow', () => {
    expect(() => boundStrata({ levelAt, timesteps, count: 1000 })).toThrow('whole number from 1 to 999');
    const exploding = schedulerFromConfig({ _class_name: 'EulerDiscreteScheduler' });
    expect(() => boundStrata({ levelAt: exploding.levelAt, timesteps, count: 9 })).toThrow('variance preserving');
  });
});

describe('stratifiedBound', () => {
  const deviation = 0.5;
  // All terms are quadratic in x0 and noise, so these four values have exactly their expectations.
  const x0 = Float64Array.of(deviation, deviation, -deviation, -deviation);
  const noiseSource = () => Float64Array.of(1, -1, 1, -1);
  const expected = expectedBound(deviation, levelsOf({}, timesteps));

  it('is the closed form of Gaussian data when every timestep is taken', async () => {
    const strata = boundStrata({ levelAt, timesteps, count: 999 });
    const bound = await stratifiedBound(gaussianDenoiser(deviation), x0, {
      levelAt,
      strata,
      noiseSource,
      uniform: () => 0,
    });
    expect(bound.prior / 4).toBeCloseTo(expected.prior, 14);
    expect(bound.reconstruction / 4).toBeCloseTo(expected.reconstruction, 12);
    expected.terms.forEach(({ small, large }, i) => {
      expect(bound.small[i]! / 4).toBeCloseTo(small, 12);
      expect(bound.large[i]! / 4).toBeCloseTo(large, 12);
    });
    const whole = await variationalBound(gaussianDenoiser(deviation), x0, {
      plan: scheduler.plan({ steps: timesteps }),
      noiseSource,
    });
    expect(bound.small.reduce((sum, value) => sum + value, 0)).toBeCloseTo(
      whole.steps.reduce((sum, value) => sum + value, 0),
      10,
    );
  });

  it('has no bias: the timesteps of a stratum in turn give its sum', async () => {
    const strata = [{ first: 40, last: 43 }];
    const estimates: number[] = [];
    for (const uniform of [0, 0.25, 0.5, 0.999]) {
      const run = { levelAt, strata, noiseSource, uniform: () => uniform };
      estimates.push((await stratifiedBound(gaussianDenoiser(deviation), x0, run)).large[0]! / 4);
    }
    const sum = expected.terms.slice(39, 43).reduce((total, { large }) => total + large, 0);
    expect(estimates.reduce((total, value) => total + value) / 4).toBeCloseTo(sum, 12);
  });

  it('of drawn data and noise lies within its standard errors of the closed form', async () => {
    const strata = boundStrata({ levelAt, timesteps, count: 12 });
    const stream = randomStream(3);
    const totals: number[] = [];
    for (let k = 0; k < 300; k++) {
      const x = Float64Array.from(stream.normal(16), (value) => deviation * value);
      const run = { levelAt, strata, noiseSource: (size: number) => Float64Array.from(stream.normal(size)) };
      const { small } = await stratifiedBound(gaussianDenoiser(deviation), x, {
        ...run,
        uniform: () => stream.uniform(),
      });
      totals.push(small.reduce((sum, value) => sum + value, 0) / 16);
    }
    const mean = totals.reduce((sum, value) => sum + value, 0) / totals.length;
    const variance = totals.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (totals.length - 1);
    const error = Math.sqrt(variance / totals.length);
    expect(error).toBeLessThan(0.05);
    expect(Math.abs(mean - expected.small)).toBeLessThan(3 * error);
  });

  it('tends to the entropy as T grows, with β_t from above', () => {
    const entropy = 0.5 * Math.log(2 * Math.PI * Math.E * deviation ** 2);
    const gaps = [10, 100, 1000, 10000].map((count) => {
      // The noise per step shrinks as 1/T, and the first step with it; ᾱ_T stays that of T = 1000.
      const levels = Array.from({ length: count }, (_, t) =>
        preservingLevel(t, Math.exp(-10 * ((t + 1) / count) ** 2)),
      );
      const { prior, large, reconstruction } = expectedBound(deviation, levels);
      return prior + large + reconstruction - entropy;
    });
    gaps.slice(1).forEach((gap, i) => expect(gap).toBeLessThan(gaps[i]! / 2));
    expect(gaps.at(-1)).toBeGreaterThan(0);
    expect(gaps.at(-1)).toBeLessThan(0.005);
  });

  it('can be cancelled', async () => {
    const run = { levelAt, strata: [{ first: 1, last: 999 }], noiseSource, uniform: () => 0 };
    const stopped = AbortSignal.abort(new Error('stop'));
    await expect(stratifiedBound(gaussianDenoiser(1), x0, { ...run, signal: stopped })).rejects.toThrow('stop');
  });
});
