import { z } from 'zod';
import { sampleDdim } from '../samplers/ddim.js';
import { alphaBars } from '../schedule/alpha-bars.js';
import { levelTable, preservingPlan } from '../schedule/preserving-plan.js';
import { ancestralFields } from './fields.js';
import { configuredDenoiser, defineScheduler } from './roles.js';

/** DDIMScheduler. */
export const ddimScheduler = defineScheduler(
  'DDIMScheduler',
  z.object({
    ...ancestralFields(true),
    set_alpha_to_one: z.boolean().default(true),
  }),
  (config) => {
    const table = alphaBars(config);
    const finalAlphaBar = config.set_alpha_to_one ? 1 : table[0]!;
    return {
      plan: (options) =>
        preservingPlan({
          ...options,
          alphaBars: table,
          spacing: config.timestep_spacing,
          offset: config.steps_offset,
          target: 'ratio',
          finalAlphaBar,
        }),
      levelAt: levelTable(table, finalAlphaBar),
      denoiser: (network, options) => configuredDenoiser(config, network, options),
      sample: sampleDdim,
    };
  },
);
