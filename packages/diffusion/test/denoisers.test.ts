import {
  addNoise,
  clippedDenoiser,
  denoiserFromNetwork,
  guidedDenoiser,
  guidedNetwork,
  type NoiseLevel,
  type PredictionType,
} from '@lascaux/diffusion';
import {
  combineGuidance,
  consistentDenoiser,
  dynamicThreshold,
  flowTarget,
  velocityTarget,
} from '@lascaux/diffusion/denoiser';
import { explodingLevel, flowLevel, preservingLevel } from '@lascaux/diffusion/schedule';
import { describe, expect, it } from 'vitest';

const x0 = Float64Array.of(0.5, -1, 2);
const noise = Float64Array.of(1, 0.25, -0.75);
const levels: [string, NoiseLevel][] = [
  ['variance preserving', preservingLevel(300, 0.7)],
  ['variance exploding', explodingLevel(300, 2.5)],
  ['flow', flowLevel(300, 0.3)],
];
const expectClose = (got: ArrayLike<number>, expected: ArrayLike<number>, digits = 12) => {
  expect(got.length).toBe(expected.length);
  Array.from(expected).forEach((value, i) => expect(got[i]).toBeCloseTo(value, digits));
};

/** What a perfect network of each kind answers. */
const answer = (prediction: PredictionType, { signal, sigma, inputScale: c }: NoiseLevel): Float64Array => {
  const scaled = { timestep: 0, inputScale: 1, signal: signal * c, sigma: sigma * c };
  return {
    epsilon: noise,
    sample: x0,
    v_prediction: velocityTarget(x0, noise, scaled),
    flow_prediction: flowTarget(x0, noise),
  }[prediction];
};

describe.each(levels)('at a %s level', (kind, level) => {
  it.each(['epsilon', 'v_prediction', 'sample', 'flow_prediction'] as const)(
    '%s gives x0 and noise back',
    async (type) => {
      if (kind === 'flow' && type === 'v_prediction') return; // v belongs to levels with signal² + sigma² = 1
      if (kind !== 'flow' && type === 'flow_prediction') return; // and velocity to straight lines
      const denoiser = denoiserFromNetwork(() => answer(type, level), { prediction: type });
      const estimate = await denoiser(addNoise(x0, noise, level), level);
      expectClose(estimate.denoised, x0);
      expectClose(estimate.noise, noise);
    },
  );

  it('the network sees a scaled x and the timestep', async () => {
    const seen: unknown[] = [];
    const network = (input: Float64Array, timestep: number) => {
      seen.push(timestep, ...input.map((value) => value / level.inputScale));
      return input;
    };
    await denoiserFromNetwork(network, { prediction: 'epsilon' })(x0, level);
    expect(seen[0]).toBe(300);
    expectClose(seen.slice(1) as number[], x0);
  });
});

describe('denoiserFromNetwork', () => {
  const level = preservingLevel(1, 0.5);

  it('splits a learned variance image by image', async () => {
    const output = Float64Array.of(1, 2, 10, 20, 3, 4, 30, 40);
    const options = { prediction: 'sample', learnedVariance: true, batch: 2 } as const;
    const estimate = await denoiserFromNetwork(() => output, options)(new Float64Array(4), level);
    expect([...estimate.denoised]).toEqual([1, 2, 3, 4]);
    expect([...estimate.variance!]).toEqual([10, 20, 30, 40]);
  });

  it('refuses an output of the wrong size', async () => {
    const denoiser = denoiserFromNetwork(() => new Float64Array(6), { prediction: 'epsilon' });
    await expect(denoiser(x0, level)).rejects.toThrow('the network must return 3 values for 3, got 6');
  });
});

describe('guidance', () => {
  const [cond, uncond] = [Float64Array.of(1, 3, 5, 7), Float64Array.of(0, 4, 4, 8)];

  it('interpolates and extrapolates', () => {
    expect([...combineGuidance(cond, uncond, { guidanceScale: 1 })]).toEqual([...cond]);
    expect([...combineGuidance(cond, uncond, { guidanceScale: 0 })]).toEqual([...uncond]);
    expect([...combineGuidance(cond, uncond, { guidanceScale: 3 })]).toEqual([3, 1, 7, 5]);
  });

  it('rescaled fully has the deviation of the conditional output, image by image', () => {
    const deviation = (values: Float64Array) => {
      const mean = values.reduce((a, b) => a + b) / values.length;
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
    };
    const guided = combineGuidance(cond, uncond, { guidanceScale: 3, guidanceRescale: 1, batch: 2 });
    for (const k of [0, 2]) {
      expect(deviation(guided.subarray(k, k + 2))).toBeCloseTo(deviation(cond.subarray(k, k + 2)), 12);
    }
  });

  it('doubles the batch, the unconditional half first', async () => {
    const network = (input: Float64Array) => input.map((value, i) => value + (i < 2 ? 0 : 10));
    const guided = await guidedNetwork(network, { guidanceScale: 2 })(Float64Array.of(1, 2), 5);
    expect([...guided]).toEqual([21, 22]);
  });

  it('of denoisers equals guidance of their networks', async () => {
    const level = preservingLevel(1, 0.4);
    const [a, b] = [cond, uncond].map((out) => denoiserFromNetwork(() => out, { prediction: 'v_prediction' }));
    const whole = denoiserFromNetwork(() => combineGuidance(cond, uncond, { guidanceScale: 4 }), {
      prediction: 'v_prediction',
    });
    const x = Float64Array.of(1, 2, 3, 4);
    const [got, expected] = [await guidedDenoiser(a!, b!, 4)(x, level), await whole(x, level)];
    expectClose(got.denoised, expected.denoised);
    expectClose(got.noise, expected.noise);
  });
});

describe('clipping', () => {
  const level = preservingLevel(1, 0.64);
  const raw = denoiserFromNetwork(() => Float64Array.of(0.5, -3, 2), { prediction: 'sample' });

  it('holds x0 in its range and leaves the noise', async () => {
    const [before, after] = [await raw(noise, level), await clippedDenoiser(raw, 1)(noise, level)];
    expect([...after.denoised]).toEqual([0.5, -1, 1]);
    expect(after.noise).toEqual(before.noise);
  });

  it('made consistent explains x', async () => {
    const { denoised, noise: estimate } = await consistentDenoiser(clippedDenoiser(raw, 1))(noise, level);
    expectClose(addNoise(denoised, estimate, level), noise);
  });

  it('by a quantile works on each image alone', () => {
    const values = Float64Array.of(0, 1, 2, 4, 0.1, -0.2, 0.3, -0.4);
    const got = dynamicThreshold(values, { ratio: 0.5, maximum: 10, batch: 2 });
    // Median of 0 1 2 4 is 1.5; the second image stays within 1.
    expectClose(got, [0, 1 / 1.5, 1, 1, 0.1, -0.2, 0.3, -0.4]);
    expectClose(dynamicThreshold(values, { ratio: 1, maximum: 2, batch: 2 }).subarray(0, 4), [0, 0.5, 1, 1]);
  });
});
