import { LascauxError } from '@lascaux/nn';
import { z } from 'zod';
import { linspace } from '../numbers.js';
import { sampleUniPc } from '../samplers/unipc.js';
import { shiftSigma, shiftSigmaByMu, stretchToTerminal } from '../schedule/flow.js';
import { preservingLevelTable } from '../schedule/levels.js';
import { solverPlan } from '../schedule/solver-plan.js';
import { flowShiftFields, solverFields } from './fields.js';
import { configuredDenoiser, defineScheduler } from './roles.js';
import { finiteAlphaBars } from './sigma-table.js';

const solverType = z
  .enum(['bh1', 'bh2', 'midpoint', 'heun', 'logrho'])
  .default('bh2')
  .transform((name) => (name === 'bh1' ? name : 'bh2'));

const schema = z.object({
  ...solverFields,
  ...flowShiftFields,
  solver_order: z.number().int().min(1).max(6).default(2),
  solver_type: solverType,
  predict_x0: z.boolean().default(true),
  disable_corrector: z.array(z.number().int().nonnegative()).default([]),
  solver_p: z.null().default(null),
  sigma_min: z.number().positive().nullable().default(null),
  sigma_max: z.number().positive().nullable().default(null),
});

/** UniPCMultistepScheduler. */
export const uniPcScheduler = defineScheduler('UniPCMultistepScheduler', schema, (config) => {
  const table = finiteAlphaBars(config);
  return {
    takesSigmas: config.use_flow_sigmas,
    plan: ({ mu, sigmas, ...options }) =>
      solverPlan({
        ...options,
        steps: sigmas ? sigmas.length : options.steps,
        alphaBars: table,
        spacing: config.timestep_spacing,
        offset: config.steps_offset,
        respacing: config,
        roundRespaced: config.use_karras_sigmas,
        sigmaMinimum: config.sigma_min,
        sigmaMaximum: config.sigma_max,
        flowSigmas: config.use_flow_sigmas ? (count) => flowSigmas(config, count, { mu, sigmas }) : undefined,
        final: config.final_sigmas_type,
        finalOf: 'run',
      }),
    levelAt: preservingLevelTable(table),
    denoiser: (network, options) =>
      configuredDenoiser({ ...config, thresholding: config.thresholding && config.predict_x0 }, network, options),
    sample: (denoiser, x, run) =>
      sampleUniPc(denoiser, x, {
        ...run,
        order: config.solver_order,
        kind: config.solver_type,
        predictsX0: config.predict_x0,
        lowerOrderFinal: config.lower_order_final,
        disableCorrector: config.disable_corrector,
      }),
  };
});

// At σ = 1 no signal is left and λ is infinite, so the first sigma stays this far below.
const noiseMargin = 1e-6;

function flowSigmas(
  config: z.output<typeof schema>,
  count: number,
  { mu, sigmas }: { mu?: number; sigmas?: readonly number[] },
): number[] {
  const { num_train_timesteps: total, flow_shift: shift, shift_terminal: terminal, time_shift_type: kind } = config;
  if (config.use_dynamic_shifting && mu === undefined) {
    throw new LascauxError({
      operation: 'plan',
      rule: 'mu must be given when the scheduler shifts by image size (use_dynamic_shifting), got undefined',
    });
  }
  const plain = sigmas ?? linspace(1, 1 / total, count + 1).slice(0, -1);
  const shifted = plain.map((sigma) =>
    config.use_dynamic_shifting ? shiftSigmaByMu(sigma, mu!, kind) : shiftSigma(sigma, shift ?? 1),
  );
  const stretched = terminal ? stretchToTerminal(shifted, terminal) : shifted;
  if (Math.abs(stretched[0]! - 1) < noiseMargin) stretched[0]! -= noiseMargin;
  return stretched;
}
