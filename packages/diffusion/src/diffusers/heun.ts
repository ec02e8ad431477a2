import { z } from 'zod';
import { sampleHeun } from '../samplers/heun.js';
import { explodingPlan } from '../schedule/exploding-plan.js';
import { explodingLevelTable } from '../schedule/levels.js';
import { betaFields, clipFields, predictionField, sigmaFields, spacingFields } from './fields.js';
import { configuredDenoiser, defineScheduler } from './roles.js';
import { finiteAlphaBars } from './sigma-table.js';

/** HeunDiscreteScheduler. */
export const heunScheduler = defineScheduler(
  'HeunDiscreteScheduler',
  z.object({
    ...betaFields(0.00085, 0.012),
    ...predictionField,
    ...spacingFields('linspace'),
    ...sigmaFields,
    ...clipFields(false),
  }),
  (config) => {
    const table = finiteAlphaBars(config);
    const { timestep_spacing: spacing, steps_offset: offset } = config;
    return {
      plan: (options) =>
        explodingPlan({ ...options, alphaBars: table, spacing, offset, respacing: config, final: 'zero' }),
      levelAt: explodingLevelTable(table),
      denoiser: (network, options) => configuredDenoiser(config, network, options),
      sample: sampleHeun,
    };
  },
);
