import {
  addNoise,
  type Denoiser,
  type FloatArray,
  type Plan,
  type SampleOptions,
  type Scheduler,
  schedulerFromConfig,
} from '@lascaux/diffusion';
import { consistentDenoiser } from '@lascaux/diffusion/denoiser';
import { fakeNetwork } from './fake-denoisers.js';
import type { SamplerCase, SamplerSection } from './formats.js';

/** What a replayed run looked like. */
export interface Replay {
  readonly scheduler: Scheduler;
  readonly plan: Plan;
  readonly initial: FloatArray;
  /** x at each network call, then the final x. */
  readonly states: FloatArray[];
  readonly inputs: FloatArray[];
  readonly timesteps: number[];
  /** x0 estimate of each call, and of each step. */
  readonly estimates: FloatArray[];
  readonly previews: FloatArray[];
  readonly drawsLeft: number;
}

/** The scheduler of a case, converted between classes where the case says so. */
function schedulerOf({ scheduler, config_overrides: overrides, from_config: from }: SamplerCase): Scheduler {
  return from
    ? schedulerFromConfig(from, { sampler: scheduler, overrides })
    : schedulerFromConfig({ _class_name: scheduler, ...overrides });
}

/** Runs our sampler on a case, in the precision of `make`, with the timesteps of the section shown to the network. */
export async function replay(
  oracle: SamplerCase,
  section: SamplerSection,
  make: (values: number[]) => FloatArray,
): Promise<Replay> {
  const scheduler = schedulerOf(oracle);
  const { num_inference_steps: steps, ...rest } = oracle.set_timesteps;
  const begin = oracle.begin_index ?? 0;
  const plan = scheduler.plan({ steps, begin, ...rest });
  const batch = oracle.shape[0]!;
  const record = { states: [], inputs: [], timesteps: [], estimates: [], previews: [] } as Recording;

  const fake = fakeNetwork(oracle.denoiser, { batch, learnedVariance: oracle.learned_variance });
  const network = (input: FloatArray, timestep: number) => {
    const shown = section.timesteps[record.timesteps.length + begin] ?? NaN;
    record.inputs.push(input);
    record.timesteps.push(timestep);
    return fake(input, shown);
  };
  const configured = scheduler.denoiser(network, { batch, learnedVariance: oracle.learned_variance });
  const denoiser = oracle.step_kwargs.use_clipped_model_output ? consistentDenoiser(configured) : configured;

  const noise = make(oracle.initial_noise);
  const initial = oracle.img2img_x0
    ? addNoise(make(oracle.img2img_x0), noise, plan.steps[0]!.from)
    : noise.map((value) => value * plan.initialNoiseScale);
  const draws = oracle.step_noise.map(make);
  const final = await scheduler.sample(recording(denoiser, record), initial, {
    plan,
    noiseSource: () => draws.shift() ?? initial.map(() => NaN),
    onStep: ({ denoised }) => void record.previews.push(denoised),
    ...sampleOptions(oracle),
  });
  record.states.push(final);
  return { scheduler, plan, initial, drawsLeft: draws.length, ...record };
}

type Recording = Pick<Replay, 'states' | 'inputs' | 'timesteps' | 'estimates' | 'previews'>;

function recording(denoiser: Denoiser, record: Recording): Denoiser {
  return async (x, level) => {
    record.states.push(x.slice());
    const estimate = await denoiser(x, level);
    record.estimates.push(estimate.denoised);
    return estimate;
  };
}

function sampleOptions({ step_kwargs: given }: SamplerCase): SampleOptions {
  const number = (key: string) => given[key] as number | undefined;
  return {
    eta: number('eta'),
    churn: number('s_churn'),
    churnMinimum: number('s_tmin'),
    churnMaximum: number('s_tmax'),
    churnNoise: number('s_noise'),
  };
}
