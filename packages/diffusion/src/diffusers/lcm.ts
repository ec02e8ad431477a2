import { z } from 'zod';
import { sampleLcm } from '../samplers/lcm.js';
import { alphaBars } from '../schedule/alpha-bars.js';
import { lcmPlan } from '../schedule/lcm-plan.js';
import { levelTable } from '../schedule/preserving-plan.js';
import { ancestralFields } from './fields.js';
import { configuredDenoiser, defineScheduler } from './roles.js';

/** LCMScheduler. */
export const lcmScheduler = defineScheduler(
  'LCMScheduler',
  z.object({
    ...ancestralFields(false, 0.00085, 0.012, 'scaled_linear'),
    set_alpha_to_one: z.boolean().default(true),
    original_inference_steps: z.number().int().positive().default(50),
    timestep_scaling: z.number().positive().default(10),
  }),
  (config) => {
    const table = alphaBars(config);
    const finalAlphaBar = config.set_alpha_to_one ? 1 : table[0]!;
    const { original_inference_steps: originalSteps, timestep_scaling: timestepScaling } = config;
    return {
      takesStrength: true,
      plan: (options) => lcmPlan({ ...options, alphaBars: table, finalAlphaBar, originalSteps }),
      levelAt: levelTable(table, finalAlphaBar),
      denoiser: (network, options) => configuredDenoiser(config, network, options),
      sample: (denoiser, x, run) => sampleLcm(denoiser, x, { ...run, timestepScaling }),
    };
  },
);
