import { z } from 'zod';
import { interpretation } from '../denoiser/prediction.js';
import { samplePndm } from '../samplers/pndm.js';
import { alphaBars } from '../schedule/alpha-bars.js';
import { pndmPlan } from '../schedule/pndm-plan.js';
import { levelTable } from '../schedule/preserving-plan.js';
import { betaFields, predictionField, spacingFields } from './fields.js';
import { configuredDenoiser, defineScheduler } from './roles.js';

/** PNDMScheduler. */
export const pndmScheduler = defineScheduler(
  'PNDMScheduler',
  z.object({
    ...betaFields(),
    ...predictionField,
    ...spacingFields('leading'),
    skip_prk_steps: z.boolean().default(false),
    set_alpha_to_one: z.boolean().default(false),
  }),
  (config) => {
    const table = alphaBars(config);
    const finalAlphaBar = config.set_alpha_to_one ? 1 : table[0]!;
    const rungeKutta = !config.skip_prk_steps;
    const interpret = interpretation(config.prediction_type);
    const { timestep_spacing: spacing, steps_offset: offset } = config;
    return {
      plan: (options) => pndmPlan({ ...options, alphaBars: table, spacing, offset, finalAlphaBar, rungeKutta }),
      levelAt: levelTable(table, finalAlphaBar),
      denoiser: (network, options) => configuredDenoiser(config, network, options),
      sample: (denoiser, x, run) => samplePndm(denoiser, x, { ...run, interpret, rungeKutta }),
    };
  },
);
