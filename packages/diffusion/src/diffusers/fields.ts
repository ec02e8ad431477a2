import { z } from 'zod';
import { predictionTypes } from '../denoiser/prediction.js';
import { betaScheduleNames } from '../schedule/betas.js';
import { timestepSpacings } from '../schedule/timesteps.js';

// Keys of scheduler_config.json that several classes share. A null stands for "not given", as in Python.

/** Levels of noise; every model has 1000, and a table of many millions would not fit into memory. */
export const timestepsField = { num_train_timesteps: z.number().int().positive().max(1_000_000).default(1000) };

/** The β schedule; the two ends and the curve have defaults of each class. A β is a share of variance: beyond 1 there would be less than no signal. */
export const betaFields = (start = 0.0001, end = 0.02, schedule: (typeof betaScheduleNames)[number] = 'linear') => ({
  ...timestepsField,
  beta_start: z.number().positive().max(1).default(start),
  beta_end: z.number().positive().max(1).default(end),
  beta_schedule: z.enum(betaScheduleNames).default(schedule),
  trained_betas: z.array(z.number().min(0).max(1)).nonempty().nullable().default(null),
});

/** Which timesteps are used. */
export const spacingFields = (spacing: (typeof timestepSpacings)[number]) => ({
  timestep_spacing: z.enum(timestepSpacings).default(spacing),
  steps_offset: z.number().int().nonnegative().default(0),
});

/** What the network predicts. */
export const predictionField = {
  prediction_type: z.enum(predictionTypes).default('epsilon'),
};

/** Clipping and dynamic thresholding of x0. */
export const thresholdFields = {
  thresholding: z.boolean().default(false),
  dynamic_thresholding_ratio: z.number().min(0).max(1).default(0.995),
  sample_max_value: z.number().positive().default(1),
};

/** Plain clipping of x0. */
export const clipFields = (clip: boolean) => ({
  clip_sample: z.boolean().default(clip),
  clip_sample_range: z.number().positive().default(1),
});

/** Zero terminal signal-to-noise ratio. */
export const zeroTerminalField = { rescale_betas_zero_snr: z.boolean().default(false) };

/** A flag that may be null. */
export const optionalFlag = z
  .boolean()
  .nullable()
  .default(false)
  .transform((flag) => flag ?? false);

/** Spacings of sigma that replace the one that follows from the timesteps. */
export const sigmaFields = {
  use_karras_sigmas: optionalFlag,
  use_exponential_sigmas: optionalFlag,
  use_beta_sigmas: optionalFlag,
};

/** The sigma at which the last step ends. */
export const finalSigmaField = { final_sigmas_type: z.enum(['zero', 'sigma_min']).default('zero') };

/** Shifts of the sigmas of straight lines. */
export const flowShiftFields = {
  use_dynamic_shifting: optionalFlag,
  time_shift_type: z.enum(['exponential', 'linear']).default('exponential'),
  shift_terminal: z.number().gt(0).lt(1).nullable().default(null),
};

/** What DDIM, DDPM and LCM share: integer timesteps of a variance preserving schedule, with x0 clipped or thresholded. */
export const ancestralFields = (clip: boolean, ...beta: Parameters<typeof betaFields>) => ({
  ...betaFields(...beta),
  ...predictionField,
  ...spacingFields('leading'),
  ...clipFields(clip),
  ...thresholdFields,
  ...zeroTerminalField,
});

/** What the multistep solvers share: timesteps that sigmas may replace, with x0 thresholded, on any kind of schedule. */
export const solverFields = {
  ...betaFields(),
  ...predictionField,
  ...spacingFields('linspace'),
  ...thresholdFields,
  ...sigmaFields,
  ...zeroTerminalField,
  ...finalSigmaField,
  lower_order_final: z.boolean().default(true),
  use_flow_sigmas: optionalFlag,
  flow_shift: z.number().positive().nullable().default(1),
};
