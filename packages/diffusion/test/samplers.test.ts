import {
  addNoise,
  type Denoiser,
  type FloatArray,
  noiseFromStreams,
  type NoiseLevel,
  type NoiseSource,
  type Plan,
  samplerChoice,
  samplerNames,
  type SamplerProgress,
  schedulerFromConfig,
} from '@lascaux/diffusion';
import { randomStream } from '@lascaux/nn';
import { describe, expect, it } from 'vitest';
import { gaussianDenoiser, pointDenoiser } from './helpers.js';

const stableDiffusion = {
  _class_name: 'DDIMScheduler',
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  beta_end: 0.012,
  clip_sample: false,
  set_alpha_to_one: true,
};
const flow = { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 };
const schedulerNamed = (sampler: string) =>
  schedulerFromConfig(sampler.startsWith('flow') ? flow : stableDiffusion, { sampler });

const x0 = Float64Array.of(0.3, -0.8, 0.05, 1);
const seeded = (seed: number): NoiseSource => noiseFromStreams([randomStream(seed)]);
const ddim = schedulerNamed('ddim');

describe.each(samplerNames)('%s', (name) => {
  const scheduler = schedulerNamed(name);

  it('ends at the picture when the denoiser knows it', async () => {
    const plan = scheduler.plan({ steps: 10 });
    const noise = Float64Array.from(seeded(1)(4));
    const start = addNoise(x0, noise, plan.steps[0]!.from);
    const final = await scheduler.sample(pointDenoiser(x0), start, { plan, noiseSource: seeded(2) });
    const digits = name === 'lcm' ? 6 : 9; // LCM keeps a little of x
    final.forEach((value, i) => expect(value).toBeCloseTo(x0[i]!, digits));
  });

  it('keeps 32 bit arrays and its input', async () => {
    const plan = scheduler.plan({ steps: 6 });
    const start = Float32Array.of(1, -2, 0.5, 0);
    const network = scheduler.denoiser((input: Float32Array) => input.map((value) => value * 0.5));
    const final = await scheduler.sample(network, start, { plan, noiseSource: seeded(3) });
    expect(final).toBeInstanceOf(Float32Array);
    expect([...start]).toEqual([1, -2, 0.5, 0]);
    expect(final.every(Number.isFinite)).toBe(true);
  });

  it('gives the same again, and the same in a batch', async () => {
    const plan = scheduler.plan({ steps: 6 });
    const run = (x: Float32Array, seeds: number[]) =>
      scheduler.sample(
        scheduler.denoiser((input: Float32Array, t) => input.map((value) => Math.sin(value + t)), {
          batch: seeds.length,
        }),
        x,
        { plan, noiseSource: noiseFromStreams(seeds.map((seed) => randomStream(seed))) },
      );
    const [a, b] = [Float32Array.of(1, 2), Float32Array.of(-1, 0.5)];
    const batch = await run(Float32Array.of(...a, ...b), [7, 8]);
    expect([...batch]).toEqual([...(await run(a, [7])), ...(await run(b, [8]))]);
  });
});

describe('progress', () => {
  it('tells step, timestep, x and the estimate of x0', async () => {
    const plan = ddim.plan({ steps: 4 });
    const seen: SamplerProgress[] = [];
    const onStep = (progress: SamplerProgress) => void seen.push(progress);
    const final = await ddim.sample(pointDenoiser(x0), new Float64Array(4), { plan, onStep });
    expect(seen.map(({ step, steps, timestep }) => [step, steps, timestep])).toEqual([
      [1, 4, 750],
      [2, 4, 500],
      [3, 4, 250],
      [4, 4, 0],
    ]);
    expect(seen.every(({ denoised }) => denoised === x0)).toBe(true);
    expect(seen[3]!.x).toBe(final);
  });

  it('can be cancelled between steps', async () => {
    const controller = new AbortController();
    let calls = 0;
    const onStep = () => void (++calls === 2 && controller.abort(new Error('enough')));
    const run = { plan: ddim.plan({ steps: 10 }), onStep, signal: controller.signal };
    await expect(ddim.sample(pointDenoiser(x0), new Float64Array(4), run)).rejects.toThrow('enough');
    expect(calls).toBe(2);
  });
});

describe('constrain', () => {
  it('holds a part of x to a given picture (inpainting)', async () => {
    const plan = ddim.plan({ steps: 8 });
    const known = Float64Array.of(0.7, 0.7, 0.7, 0.7);
    const noise = Float64Array.from(seeded(5)(4));
    const constrain = (x: Float64Array, level: Plan['steps'][number]['to']) => {
      const original = addNoise(known, noise, level);
      return x.map((value, i) => (i < 2 ? original[i]! : value));
    };
    const final = await ddim.sample(pointDenoiser(x0), noise, { plan, constrain });
    expect([...final.subarray(0, 2)]).toEqual([0.7, 0.7]);
    expect(final[2]).toBeCloseTo(x0[2]!, 9);
  });

  it.each([
    ['DDIMScheduler', { set_alpha_to_one: false }],
    ['PNDMScheduler', { set_alpha_to_one: false, skip_prk_steps: true }],
    ['PNDMScheduler', { set_alpha_to_one: false, skip_prk_steps: false }],
    ['EulerDiscreteScheduler', { final_sigmas_type: 'sigma_min' }],
    ['DPMSolverMultistepScheduler', { final_sigmas_type: 'sigma_min' }],
  ])('ends clean with %s %o', async (className, config) => {
    const scheduler = schedulerFromConfig({ ...stableDiffusion, ...config, _class_name: className });
    const plan = scheduler.plan({ steps: 8 });
    const levels: NoiseLevel[] = [];
    const constrain = (x: Float64Array, level: NoiseLevel) => {
      levels.push(level);
      return x;
    };
    await scheduler.sample(pointDenoiser(x0), Float64Array.from(seeded(5)(4)), { plan, constrain });
    expect(plan.steps.at(-1)!.to.sigma).toBeGreaterThan(0.02);
    expect(levels.at(-1)).toMatchObject({ signal: 1, sigma: 0 });
    expect(levels.slice(0, -1)).toEqual(plan.steps.slice(1).map(({ at, from }) => at ?? from));
  });

  it('is kept to between the two network calls of a Heun step, as in diffusers', async () => {
    const heun = schedulerNamed('heun');
    const plan = heun.plan({ steps: 3 });
    const seen: number[] = [];
    const network: Denoiser<Float64Array> = (x, level) => {
      seen.push(x[0]!);
      return pointDenoiser(x0)(x, level);
    };
    const constrain = (x: Float64Array, level: NoiseLevel) => x.map((value, i) => (i === 0 ? level.sigma : value));
    const final = await heun.sample(network, Float64Array.of(9, 9, 9, 9), { plan, constrain });
    const [, second, third] = plan.steps.map(({ from }) => from.sigma);
    expect(seen).toEqual([9, second, second, third, third]);
    expect(final[0]).toBe(0);
  });
});

describe('noise', () => {
  it.each(['ddpm', 'euler-ancestral', 'lcm', 'dpm++-2m-sde'])('is demanded by %s', async (name) => {
    const scheduler = schedulerNamed(name);
    const plan = scheduler.plan({ steps: 3 });
    await expect(scheduler.sample(pointDenoiser(x0), new Float64Array(4), { plan })).rejects.toThrow('noiseSource');
  });

  it('of a batch must fit its streams', () => {
    expect(() => noiseFromStreams([randomStream(1), randomStream(2)])(3)).toThrow('multiple of the 2 streams, got 3');
  });

  it('of learned variance must be there', async () => {
    const scheduler = schedulerFromConfig({ _class_name: 'DDPMScheduler', variance_type: 'learned_range' });
    const run = { plan: scheduler.plan({ steps: 3 }), noiseSource: seeded(1) };
    await expect(scheduler.sample(pointDenoiser(x0), new Float64Array(4), run)).rejects.toThrow('learned variance');
  });
});

/**
 * Samplers are linear on Gaussian data: x_end = a · x_start + Σ c_k · draw_k. Component 0 carries a, component k is moved by draw k alone.
 */
async function endVariance(name: string, steps: number, deviation: number): Promise<number> {
  const scheduler = schedulerNamed(name);
  const plan = scheduler.plan({ steps });
  const start = new Float64Array(steps + 2);
  start[0] = 1;
  let draw = 0;
  const noiseSource = (size: number): FloatArray => {
    const unit = new Float64Array(size);
    unit[++draw] = 1;
    return unit;
  };
  const [a, ...shares] = await scheduler.sample(gaussianDenoiser(deviation), start, { plan, noiseSource });
  const { signal, sigma } = plan.steps[0]!.from;
  const startVariance = (signal * deviation) ** 2 + sigma ** 2;
  return shares.reduce((sum, c) => sum + c * c, a! * a! * startVariance);
}

describe('stochastic samplers', () => {
  it.each([
    ['ddpm', 1000],
    ['euler-ancestral', 1000],
    ['dpm++-2m-sde', 400],
  ])('%s reaches the variance of the data', async (name, steps) => {
    expect(await endVariance(name, steps, 0.5)).toBeCloseTo(0.25, 2);
  });

  it('DDIM with η = 1 takes the steps of DDPM', async () => {
    const deterministic = { ...stableDiffusion, timestep_spacing: 'leading' };
    const [a, b] = ['ddim', 'ddpm'].map((sampler) => schedulerFromConfig(deterministic, { sampler }));
    const runs = await Promise.all(
      [a!, b!].map((scheduler) =>
        scheduler.sample(gaussianDenoiser(0.5), Float64Array.of(1, -1), {
          plan: scheduler.plan({ steps: 20 }),
          noiseSource: seeded(4),
          eta: 1,
        }),
      ),
    );
    expect(runs[0]![0]).toBeCloseTo(runs[1]![0]!, 10);
  });
});

it('samplerChoice reads the names people use', () => {
  expect(samplerChoice('Euler a').className).toBe('EulerAncestralDiscreteScheduler');
  expect(samplerChoice('DPM++ 2M Karras')).toEqual({
    className: 'DPMSolverMultistepScheduler',
    overrides: {
      algorithm_type: 'dpmsolver++',
      solver_type: 'midpoint',
      solver_order: 2,
      use_karras_sigmas: true,
      use_exponential_sigmas: false,
      use_beta_sigmas: false,
    },
  });
  expect(samplerChoice('PLMS').className).toBe('PNDMScheduler');
  expect(samplerChoice('UniPCMultistepScheduler')).toEqual({ className: 'UniPCMultistepScheduler', overrides: {} });
  expect(() => samplerChoice('ddim-karras')).toThrow('must be one of ddpm, ddim, pndm, euler, euler-karras');
  expect(() => samplerChoice('nonsense')).toThrow('got "nonsense"');
});
