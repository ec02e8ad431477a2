import { parseSchedulerConfig, schedulerClassNames, schedulerFromConfig } from '@lascaux/diffusion';
import { LascauxError } from '@lascaux/nn';
import { describe, expect, it } from 'vitest';

const sd15 = {
  _class_name: 'PNDMScheduler',
  _diffusers_version: '0.6.0',
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  trained_betas: null,
  clip_sample: false,
};

describe('schedulerFromConfig', () => {
  it.each(schedulerClassNames)('fills in the defaults of %s', (className) => {
    const { config, ignoredKeys } = schedulerFromConfig({ _class_name: className });
    expect(config.num_train_timesteps).toBe(1000);
    expect(ignoredKeys).toEqual([]);
  });

  it('reads the scheduler of Stable Diffusion 1.5', () => {
    const scheduler = schedulerFromConfig(sd15);
    expect(
      scheduler
        .plan({ steps: 20 })
        .steps.map(({ at }) => at!.timestep)
        .slice(0, 4),
    ).toEqual([951, 901, 901, 851]);
    expect(scheduler.ignoredKeys).toEqual(['clip_sample']);
  });

  it('gives another class its own defaults, not those of the class that wrote the file', () => {
    const { config, className } = schedulerFromConfig(sd15, { sampler: 'dpm++-2m' });
    expect(className).toBe('DPMSolverMultistepScheduler');
    expect(config).toMatchObject({ timestep_spacing: 'linspace', steps_offset: 1, beta_end: 0.012 });
  });

  it('lets overrides win', () => {
    const { config } = schedulerFromConfig(sd15, {
      sampler: 'euler-karras',
      overrides: { timestep_spacing: 'trailing' },
    });
    expect(config).toMatchObject({ use_karras_sigmas: true, timestep_spacing: 'trailing' });
  });

  it('answers an unknown class with the known ones', () => {
    expect(() => schedulerFromConfig({ _class_name: 'NoScheduler' })).toThrow(
      /_class_name must be one of DDPMScheduler, DDIMScheduler, .*, got "NoScheduler"/,
    );
    expect(() => schedulerFromConfig({})).toThrow('got undefined');
  });

  it.each([
    [{ beta_schedule: 'quadratic' }, /DDIMScheduler: key beta_schedule: .*"linear".*, got "quadratic"/],
    [{ num_train_timesteps: 0 }, /key num_train_timesteps: .*, got 0/],
    [{ prediction_type: 'x' }, /key prediction_type: .*"epsilon".*"v_prediction".*, got "x"/],
    [{ clip_sample: 'yes' }, /key clip_sample: .*, got "yes"/],
    [{ trained_betas: [0.1, 'a'] }, /key trained_betas\.1: /],
  ])('names the key of %j', (keys, message) => {
    expect(() => schedulerFromConfig({ _class_name: 'DDIMScheduler', ...keys })).toThrow(message);
  });

  it('samples flow-matching models by solvers that can, and by no others', () => {
    const sd3 = { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 };
    const { config } = schedulerFromConfig(sd3, { sampler: 'dpm++-2m' });
    expect(config).toMatchObject({ use_flow_sigmas: true, flow_shift: 3, prediction_type: 'flow_prediction' });
    expect(() => schedulerFromConfig(sd3, { sampler: 'ddim' })).toThrow('a flow-matching model needs one of');
    expect(() => schedulerFromConfig(sd15, { sampler: 'flow-euler' })).toThrow('cannot be sampled by');
  });

  it('needs mu where the schedule moves with image size', () => {
    const flux = { _class_name: 'FlowMatchEulerDiscreteScheduler', use_dynamic_shifting: true };
    expect(() => schedulerFromConfig(flux).plan({ steps: 4 })).toThrow('mu must be given');
  });

  it('refuses the noise-space solver without a noisy end', () => {
    const keys = { _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'dpmsolver' };
    expect(() => schedulerFromConfig(keys)).toThrow('needs final_sigmas_type "sigma_min", got "zero"');
  });

  it('levelAt says the noise of a training timestep', () => {
    const { levelAt } = schedulerFromConfig({ _class_name: 'DDPMScheduler' });
    expect(levelAt(0).signal).toBeCloseTo(Math.sqrt(1 - 1e-4), 12);
    expect(levelAt(0).sigma).toBeCloseTo(0.01, 12);
  });
});

describe('parseSchedulerConfig', () => {
  it('reads the bare infinities of Python, and leaves strings alone', () => {
    const config = parseSchedulerConfig('{"_class_name": "-Infinity \\" NaN", "lambda_min_clipped": -Infinity}');
    expect(config).toEqual({ _class_name: '-Infinity " NaN', lambda_min_clipped: '-Infinity' });
    const keys = { ...config, _class_name: 'DPMSolverMultistepScheduler' };
    expect(schedulerFromConfig(keys).config.lambda_min_clipped).toBe(-Infinity);
  });

  it('refuses what is no object', () => {
    expect(() => parseSchedulerConfig('[1]')).toThrow('must be a JSON object, got "[1]"');
    expect(() => parseSchedulerConfig('{')).toThrow('scheduler config: must be valid JSON');
  });

  it.each([
    ['a long text', `{"a":"${'x'.repeat(4e6)}"}`, 'accepted'],
    ['many quotes in a text without an end', `{"a":"${'\\"'.repeat(1e6)}`, 'x: must be valid JSON'],
    ['many brackets', '['.repeat(1e6), 'x: JSON may be nested 64 deep'],
  ])('reads %s in linear time', (_, text, outcome) => {
    const read = (): string => {
      parseSchedulerConfig(text, 'x');
      return 'accepted';
    };
    if (outcome === 'accepted') expect(read()).toBe(outcome);
    else expect(read).toThrow(outcome);
  });

  it('refuses betas that leave no signal before the last step', () => {
    const config = { _class_name: 'EulerDiscreteScheduler', trained_betas: [0.1, 1, 1, 1], num_train_timesteps: 4 };
    expect(() => schedulerFromConfig(config).plan({ steps: 4 })).toThrow('a noise level is not finite');
  });

  it.each([
    ['ones leave no signal', Array<number>(50).fill(1)],
    ['zeros leave no noise', Array<number>(50).fill(0)],
  ])('refuses samples that are not finite: %s', async (_, trained_betas) => {
    const config = { _class_name: 'DDIMScheduler', trained_betas, num_train_timesteps: 50 };
    const scheduler = schedulerFromConfig(config);
    const ones = async (x: Float64Array) => Promise.resolve(x.map(() => 1));
    const run = { plan: scheduler.plan({ steps: 4 }) };
    const samples = scheduler.sample(scheduler.denoiser(ones), Float64Array.of(1, 2), run);
    await expect(samples).rejects.toThrow('scheduler config of DDIMScheduler: the samples are not finite');
    await expect(samples).rejects.toBeInstanceOf(LascauxError);
  });

  it('refuses an offset that leaves the noise levels', () => {
    const config = { _class_name: 'PNDMScheduler', skip_prk_steps: true };
    const last = schedulerFromConfig({ ...config, steps_offset: 999 });
    expect(() => last.plan({ steps: 1 })).not.toThrow();
    expect(() => last.plan({ steps: 2 })).toThrow('timesteps must be below 1000');
    const far = { ...config, steps_offset: 1000 };
    expect(() => schedulerFromConfig(far)).toThrow(
      'key steps_offset: must be below num_train_timesteps (1000), got 1000',
    );
  });
});
