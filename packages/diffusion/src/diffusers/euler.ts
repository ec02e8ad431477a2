import { z } from 'zod';
import { interpretation } from '../denoiser/prediction.js';
import { sampleEuler } from '../samplers/euler.js';
import { sampleEulerAncestral } from '../samplers/euler-ancestral.js';
import { explodingPlan } from '../schedule/exploding-plan.js';
import { explodingLevelTable } from '../schedule/levels.js';
import {
  betaFields,
  finalSigmaField,
  predictionField,
  sigmaFields,
  spacingFields,
  zeroTerminalField,
} from './fields.js';
import { configuredDenoiser, defineScheduler } from './roles.js';
import { finiteAlphaBars } from './sigma-table.js';

/** EulerDiscreteScheduler. */
export const eulerScheduler = defineScheduler(
  'EulerDiscreteScheduler',
  z.object({
    ...betaFields(),
    ...predictionField,
    ...spacingFields('linspace'),
    ...sigmaFields,
    ...zeroTerminalField,
    ...finalSigmaField,
    interpolation_type: z.enum(['linear', 'log_linear']).default('linear'),
    timestep_type: z.enum(['discrete', 'continuous']).default('discrete'),
    sigma_min: z.number().positive().nullable().default(null),
    sigma_max: z.number().positive().nullable().default(null),
  }),
  (config) => {
    const table = finiteAlphaBars(config);
    const interpret = interpretation(config.prediction_type);
    return {
      takesSigmas: true,
      plan: (options) =>
        explodingPlan({
          ...options,
          alphaBars: table,
          spacing: config.timestep_spacing,
          offset: config.steps_offset,
          respacing: config,
          sigmaMinimum: config.sigma_min,
          sigmaMaximum: config.sigma_max,
          logLinear: config.interpolation_type === 'log_linear',
          continuousTimesteps: config.timestep_type === 'continuous' && config.prediction_type === 'v_prediction',
          final: config.final_sigmas_type,
        }),
      levelAt: explodingLevelTable(table),
      denoiser: (network, options) => configuredDenoiser(config, network, options),
      sample: (denoiser, x, run) => sampleEuler(denoiser, x, { interpret, ...run }),
    };
  },
);

/** EulerAncestralDiscreteScheduler. */
export const eulerAncestralScheduler = defineScheduler(
  'EulerAncestralDiscreteScheduler',
  z.object({ ...betaFields(), ...predictionField, ...spacingFields('linspace'), ...zeroTerminalField }),
  (config) => {
    const table = finiteAlphaBars(config);
    const { timestep_spacing: spacing, steps_offset: offset } = config;
    return {
      plan: (options) => explodingPlan({ ...options, alphaBars: table, spacing, offset, final: 'zero' }),
      levelAt: explodingLevelTable(table),
      denoiser: (network, options) => configuredDenoiser(config, network, options),
      sample: sampleEulerAncestral,
    };
  },
);
