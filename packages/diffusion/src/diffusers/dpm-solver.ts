import { LascauxError } from '@lascaux/nn';
import { z } from 'zod';
import { consistentDenoiser } from '../denoiser/clipping.js';
import { linspace } from '../numbers.js';
import { sampleDpmSolver } from '../samplers/dpm-solver.js';
import { sampleDpmSolverPlusPlus } from '../samplers/dpm-solver-plus-plus.js';
import { sampleDpmSolverPlusPlusSde } from '../samplers/dpm-solver-plus-plus-sde.js';
import { sampleDpmSolverSde } from '../samplers/dpm-solver-sde.js';
import { shiftSigma } from '../schedule/flow.js';
import { preservingLevelTable } from '../schedule/levels.js';
import { solverPlan } from '../schedule/solver-plan.js';
import { flowShiftFields, optionalFlag, solverFields } from './fields.js';
import { configuredDenoiser, defineScheduler } from './roles.js';
import { finiteAlphaBars } from './sigma-table.js';

const algorithms = {
  dpmsolver: sampleDpmSolver,
  'dpmsolver++': sampleDpmSolverPlusPlus,
  'sde-dpmsolver': sampleDpmSolverSde,
  'sde-dpmsolver++': sampleDpmSolverPlusPlusSde,
};

// Names of other solver families that configs converted from them still hold; diffusers reads them so.
const algorithmType = z
  .enum(['dpmsolver', 'dpmsolver++', 'sde-dpmsolver', 'sde-dpmsolver++', 'deis'])
  .default('dpmsolver++')
  .transform((name) => (name === 'deis' ? 'dpmsolver++' : name));
const solverType = z
  .enum(['midpoint', 'heun', 'logrho', 'bh1', 'bh2'])
  .default('midpoint')
  .transform((name) => (name === 'heun' ? name : 'midpoint'));

const infinities: Record<string, number> = { inf: Infinity, '-inf': -Infinity, Infinity, '-Infinity': -Infinity };
const extendedNumber = z
  .union([z.number(), z.enum(['inf', '-inf', 'Infinity', '-Infinity'])])
  .default(-Infinity)
  .transform((value) => (typeof value === 'string' ? infinities[value]! : value));

/** DPMSolverMultistepScheduler. */
export const dpmSolverScheduler = defineScheduler(
  'DPMSolverMultistepScheduler',
  z.object({
    ...solverFields,
    solver_order: z.number().int().min(1).max(3).default(2),
    algorithm_type: algorithmType,
    solver_type: solverType,
    euler_at_final: z.boolean().default(false),
    use_lu_lambdas: optionalFlag,
    lambda_min_clipped: extendedNumber,
    variance_type: z.enum(['learned', 'learned_range']).nullable().default(null),
    use_dynamic_shifting: flowShiftFields.use_dynamic_shifting,
    time_shift_type: z.literal('exponential').default('exponential'),
  }),
  (config) => {
    const isNoiseSpace = !config.algorithm_type.endsWith('++');
    if (isNoiseSpace && config.final_sigmas_type === 'zero') {
      throw new LascauxError({
        operation: 'scheduler config',
        rule: `algorithm_type ${config.algorithm_type} needs final_sigmas_type "sigma_min", got "zero"`,
      });
    }
    const table = finiteAlphaBars(config);
    const sampler = algorithms[config.algorithm_type];
    const flowSigmas = (mu?: number) => (count: number) => {
      const shift = mu === undefined ? (config.flow_shift ?? 1) : Math.exp(mu);
      const sigmas = linspace(1, 1 / config.num_train_timesteps, count + 1).map((alpha) =>
        shiftSigma(1 - alpha, shift),
      );
      return sigmas.reverse().slice(0, -1);
    };
    return {
      plan: ({ mu, ...options }) =>
        solverPlan({
          ...options,
          alphaBars: table,
          spacing: config.timestep_spacing,
          offset: config.steps_offset,
          respacing: config,
          equalLambdas: config.use_lu_lambdas,
          roundRespaced:
            (config.use_karras_sigmas || config.use_lu_lambdas) && config.beta_schedule !== 'squaredcos_cap_v2',
          lambdaMinimum: config.lambda_min_clipped,
          flowSigmas: config.use_flow_sigmas ? flowSigmas(mu) : undefined,
          final: config.final_sigmas_type,
          finalOf: 'schedule',
        }),
      levelAt: preservingLevelTable(table),
      denoiser: (network, options) => {
        const learnedVariance = config.variance_type !== null;
        const denoiser = configuredDenoiser(config, network, { learnedVariance, ...options });
        return isNoiseSpace && config.thresholding ? consistentDenoiser(denoiser) : denoiser;
      },
      sample: (denoiser, x, run) =>
        sampler(denoiser, x, {
          ...run,
          order: config.solver_order,
          rule: config.solver_type,
          lowerOrderFinal: config.lower_order_final,
          eulerAtFinal: config.euler_at_final,
        }),
    };
  },
);
