import { z } from 'zod';
import { sampleDdpm, varianceTypes } from '../samplers/ddpm.js';
import { alphaBars } from '../schedule/alpha-bars.js';
import { levelTable, preservingPlan } from '../schedule/preserving-plan.js';
import { ancestralFields } from './fields.js';
import { configuredDenoiser, defineScheduler } from './roles.js';

/** DDPMScheduler: ancestral sampling. */
export const ddpmScheduler = defineScheduler(
  'DDPMScheduler',
  z.object({
    ...ancestralFields(true),
    variance_type: z.enum(varianceTypes).default('fixed_small'),
  }),
  (config) => {
    const table = alphaBars(config);
    const learnedVariance = config.variance_type.startsWith('learned');
    return {
      plan: (options) =>
        preservingPlan({
          ...options,
          alphaBars: table,
          spacing: config.timestep_spacing,
          offset: config.steps_offset,
          target: 'next',
          finalAlphaBar: 1,
        }),
      levelAt: levelTable(table, 1),
      denoiser: (network, options) => configuredDenoiser(config, network, { learnedVariance, ...options }),
      sample: (denoiser, x, run) => sampleDdpm(denoiser, x, { ...run, variance: config.variance_type }),
    };
  },
);
