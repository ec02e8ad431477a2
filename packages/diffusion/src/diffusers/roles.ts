import { LascauxError, check, jsonText } from '@lascaux/nn';
import type { z } from 'zod';
import { clippedDenoiser, thresholdedDenoiser } from '../denoiser/clipping.js';
import { denoiserFromNetwork, type DenoiserOptions, type PredictionType } from '../denoiser/prediction.js';
import type { Denoiser, FloatArray, Network, NoiseLevel, Plan, SamplerRun } from '../types.js';

/** Which steps to take: a number of them, a list of timesteps, or a list of sigmas. */
export interface PlanOptions {
  readonly steps?: number;
  /** Custom timesteps, noisiest first. */
  readonly timesteps?: readonly number[];
  /**
   * Custom sigmas, noisiest first. As in diffusers, those of Euler hold the one where the run ends (usually 0),
   * those of straight lines do not.
   */
  readonly sigmas?: readonly number[];
  /** Logarithm of the shift, for schedules that shift by image size (Flux). */
  readonly mu?: number;
  /** Image-to-image: 1 starts from pure noise, lower values keep more of the picture by dropping the leading steps. */
  readonly strength?: number;
  /** Leading steps to drop, in place of `strength`. Default 0. */
  readonly begin?: number;
}

/** How a network becomes a denoiser of a scheduler. */
export interface WrapOptions {
  /** Number of images in x. Default 1. */
  readonly batch?: number;
  readonly learnedVariance?: boolean;
}

/** The three roles that a scheduler config describes. */
export interface SchedulerRoles {
  /** Plans can be made from sigmas. */
  readonly takesSigmas?: boolean;
  /** `strength` chooses other timesteps; it does not drop steps (LCM). */
  readonly takesStrength?: boolean;
  /** The schedule: lays out a run. */
  readonly plan: (options: PlanOptions) => Plan;
  /** The noise level of an integer timestep of training. */
  readonly levelAt: (timestep: number) => NoiseLevel;
  /** The denoiser: prediction type, clipping and thresholding as the config says. */
  readonly denoiser: <A extends FloatArray>(network: Network<A>, options?: WrapOptions) => Denoiser<A>;
  /** The sampler, with the options that the config fixes. */
  readonly sample: <A extends FloatArray>(
    denoiser: Denoiser<A>,
    x: A,
    run: SamplerRun<A> & SampleOptions,
  ) => Promise<A>;
}

/** Options of a call that only some samplers know; the others ignore them. */
export interface SampleOptions {
  /** DDIM: η, 0 … 1. */
  readonly eta?: number;
  /** Euler: extra noise of each step (Karras et al. 2022, S_churn and its bounds). */
  readonly churn?: number;
  readonly churnMinimum?: number;
  readonly churnMaximum?: number;
  readonly churnNoise?: number;
}

/** A class of scheduler_config.json. */
export interface SchedulerDefinition {
  readonly className: string;
  /** The config keys that the class knows. */
  readonly keys: readonly string[];
  /** Fills in the defaults of the class, checks, and makes the three roles. */
  readonly build: (values: Readonly<Record<string, unknown>>) => BuiltScheduler;
}

/** The complete config of a scheduler with the roles it describes. */
interface BuiltScheduler {
  readonly config: Readonly<Record<string, unknown>>;
  readonly roles: SchedulerRoles;
}

/** Makes a definition of a class name, its keys with their defaults, and what a config means. */
export function defineScheduler<Schema extends z.ZodObject>(
  className: string,
  schema: Schema,
  roles: (config: z.output<Schema>) => SchedulerRoles,
): SchedulerDefinition {
  return {
    className,
    keys: Object.keys(schema.shape),
    build: (values) => {
      const result = schema.safeParse(values);
      if (!result.success)
        throw new LascauxError({
          operation: `scheduler config of ${className}`,
          rule: firstProblem(result.error, values),
        });
      checkOffset(className, result.data);
      return { config: result.data, roles: roles(result.data) };
    },
  };
}

/** With leading spacing the offset is added to each timestep, and beyond the last one there is no noise level. */
function checkOffset(className: string, config: unknown): void {
  const { steps_offset: offset = 0, num_train_timesteps: total } = config as OffsetFields;
  check(offset < total, {
    operation: `scheduler config of ${className}`,
    rule: `key steps_offset: must be below num_train_timesteps (${total})`,
    value: offset,
  });
}

interface OffsetFields {
  readonly steps_offset?: number;
  readonly num_train_timesteps: number;
}

function firstProblem(error: z.ZodError, values: Readonly<Record<string, unknown>>): string {
  const [issue] = error.issues;
  const key = String(issue?.path[0]);
  return `key ${issue?.path.join('.')}: ${issue?.message}, got ${jsonText(values[key])}`;
}

interface WrapConfig {
  readonly prediction_type: PredictionType;
  readonly thresholding?: boolean;
  readonly dynamic_thresholding_ratio?: number;
  readonly sample_max_value?: number;
  readonly clip_sample?: boolean;
  readonly clip_sample_range?: number;
}

/** The denoiser of a config: thresholding wins over clipping, as in diffusers. */
export function configuredDenoiser<A extends FloatArray>(
  config: WrapConfig,
  network: Network<A>,
  { batch = 1, learnedVariance = false }: WrapOptions = {},
): Denoiser<A> {
  const options: DenoiserOptions = { prediction: config.prediction_type, learnedVariance, batch };
  const denoiser = denoiserFromNetwork(network, options);
  if (config.thresholding) {
    const ratio = config.dynamic_thresholding_ratio ?? 0.995;
    return thresholdedDenoiser(denoiser, { ratio, maximum: config.sample_max_value ?? 1, batch });
  }
  return config.clip_sample ? clippedDenoiser(denoiser, config.clip_sample_range ?? 1) : denoiser;
}
