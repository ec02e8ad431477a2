import { schedulerFromConfig } from '@lascaux/diffusion';
import { beginForStrength, spacedTimesteps, timestepOfSigma } from '@lascaux/diffusion/schedule';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface TimestepCase {
  readonly config: Record<string, unknown> & { readonly _class_name: string };
  readonly steps: number;
  readonly timesteps: readonly number[];
}

/** Where rounding decides: of all samplers, spacings and 1 to 100 steps the ones that were hardest to meet. */
const { cases } = JSON.parse(readFileSync(new URL('reference/diffusers_timesteps.json', import.meta.url), 'utf8')) as {
  cases: TimestepCase[];
};

const spaced = (spacing: 'leading' | 'linspace' | 'trailing', count: number, offset = 0) =>
  spacedTimesteps({ spacing, count, total: 1000, offset });

describe('spacedTimesteps', () => {
  it('leading counts up from the offset', () => expect(spaced('leading', 4, 1)).toEqual([751, 501, 251, 1]));
  it('linspace holds both ends', () => expect(spaced('linspace', 4)).toEqual([999, 666, 333, 0]));
  it('trailing holds the noisy end', () => expect(spaced('trailing', 4)).toEqual([999, 749, 499, 249]));
  it('rounds ties to even', () => expect(spaced('trailing', 16).slice(0, 3)).toEqual([999, 937, 874]));
  it('one step', () => {
    expect([spaced('leading', 1), spaced('linspace', 1), spaced('trailing', 1)]).toEqual([[0], [0], [999]]);
  });
});

describe('a plan has the timesteps of diffusers', () => {
  it.each(cases)('$config._class_name, $steps steps', ({ config, steps, timesteps }) => {
    const plan = schedulerFromConfig(config).plan({ steps });
    expect(plan.steps.map(({ from }) => from.timestep)).toEqual(timesteps);
  });

  it('but no step to timestep -1, which NumPy adds at 61 steps', () => {
    expect(spaced('trailing', 61)).toHaveLength(61);
    const solver = schedulerFromConfig({ _class_name: 'UniPCMultistepScheduler', timestep_spacing: 'trailing' });
    expect(solver.plan({ steps: 61 }).steps).toHaveLength(61);
  });
});

describe('timestepOfSigma', () => {
  const table = [1, 2, 4];
  it('is linear in the logarithm and held at the ends', () => {
    expect(timestepOfSigma(Math.sqrt(2), table)).toBeCloseTo(0.5, 12);
    expect(timestepOfSigma(2, table)).toBeCloseTo(1, 12);
    expect(timestepOfSigma(0, table)).toBe(0);
    expect(timestepOfSigma(100, table)).toBe(2);
  });
});

describe('a plan', () => {
  const ddim = schedulerFromConfig({ _class_name: 'DDIMScheduler' });
  const euler = schedulerFromConfig({ _class_name: 'EulerDiscreteScheduler' });

  it('drops the leading steps for a strength', () => {
    expect(beginForStrength(20, 0.8)).toBe(4);
    const plan = ddim.plan({ steps: 20, strength: 0.6 });
    expect(plan.steps).toHaveLength(12);
    expect(plan.steps[0]).toEqual(ddim.plan({ steps: 20 }).steps[8]);
    expect(plan.begin).toBe(8);
  });

  it.each([0, -1, 2.5, 1001, NaN])('refuses %s steps', (steps) => {
    expect(() => ddim.plan({ steps })).toThrow(`plan: steps must be an integer from 1 to 1000, got ${steps}`);
  });

  it('refuses what cannot be laid out', () => {
    expect(() => ddim.plan({})).toThrow('exactly one of steps, timesteps, sigmas must be given, got none');
    expect(() => ddim.plan({ steps: 3, timesteps: [1] })).toThrow('got steps and timesteps');
    expect(() => ddim.plan({ sigmas: [1] })).toThrow('DDIMScheduler takes steps or timesteps, got sigmas');
    expect(() => ddim.plan({ timesteps: [10, 20] })).toThrow('got 20 at position 1');
    expect(() => ddim.plan({ timesteps: [] })).toThrow('got none');
    expect(() => ddim.plan({ steps: 10, begin: 10 })).toThrow('begin must be an integer from 0 to 9, got 10');
    expect(() => ddim.plan({ steps: 10, strength: 1.5 })).toThrow('strength: must be from 0 to 1, got 1.5');
    expect(() => ddim.plan({ steps: 10, strength: 0.5, begin: 1 })).toThrow('at most one of begin and strength');
  });

  it('of Euler takes sigmas with the end', () => {
    const plan = euler.plan({ sigmas: [10, 2, 0] });
    expect(plan.steps.map(({ from, to }) => [from.sigma, to.sigma])).toEqual([
      [10, 2],
      [2, 0],
    ]);
    expect(plan.initialNoiseScale).toBe(10);
  });

  it('of a schedule with two spacings of sigmas is refused', () => {
    const both = { use_karras_sigmas: true, use_beta_sigmas: true };
    const scheduler = schedulerFromConfig({ _class_name: 'EulerDiscreteScheduler', ...both });
    expect(() => scheduler.plan({ steps: 4 })).toThrow('got use_karras_sigmas and use_beta_sigmas');
  });
});
