import { z } from 'zod';
import { sampleFlowEuler } from '../samplers/flow-euler.js';
import { shiftSigma } from '../schedule/flow.js';
import { flowPlan } from '../schedule/flow-plan.js';
import { flowLevel } from '../schedule/levels.js';
import { flowShiftFields, sigmaFields, timestepsField } from './fields.js';
import { configuredDenoiser, defineScheduler } from './roles.js';

/** FlowMatchEulerDiscreteScheduler. */
export const flowMatchEulerScheduler = defineScheduler(
  'FlowMatchEulerDiscreteScheduler',
  z.object({
    ...timestepsField,
    shift: z.number().positive().default(1),
    ...flowShiftFields,
    ...sigmaFields,
    base_shift: z.number().nullable().default(0.5),
    max_shift: z.number().nullable().default(1.15),
    base_image_seq_len: z.number().nullable().default(256),
    max_image_seq_len: z.number().nullable().default(4096),
    // Sigmas that count from the picture to the noise; no image model in use has them.
    invert_sigmas: z.literal(false).default(false),
    stochastic_sampling: z.boolean().default(false),
  }),
  (config) => {
    const total = config.num_train_timesteps;
    const dynamic = config.use_dynamic_shifting ? config.time_shift_type : undefined;
    const { shift, shift_terminal: terminal, stochastic_sampling: stochastic } = config;
    return {
      takesSigmas: true,
      plan: (options) => flowPlan({ ...options, total, shift, dynamic, terminal, respacing: config }),
      levelAt: (timestep) => {
        const sigma = (timestep + 1) / total;
        const shifted = dynamic ? sigma : shiftSigma(sigma, shift);
        return flowLevel(shifted * total, shifted);
      },
      denoiser: (network, options) => configuredDenoiser({ prediction_type: 'flow_prediction' }, network, options),
      sample: (denoiser, x, run) => sampleFlowEuler(denoiser, x, { ...run, stochastic }),
    };
  },
);
