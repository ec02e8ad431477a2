import { LascauxError } from '@lascaux/nn';
import { descending, interpolate, linspace, roundHalfEven } from '../numbers.js';
import type { Plan } from '../types.js';
import { checkSteps, checkTimesteps, dropLeading } from './checks.js';
import { flowLevel, preservingLevelOfRatio } from './levels.js';
import { exponentialSigmas, noiseRatios, sigmaSpacing, type SigmaSpacingConfig, timestepOfSigma } from './sigmas.js';
import { leadingTimesteps, type TimestepSpacing } from './timesteps.js';

/** A run of the exponential integrators (DPM-Solver, UniPC). */
export interface SolverPlanOptions {
  readonly alphaBars: Float64Array;
  readonly spacing: TimestepSpacing;
  readonly offset: number;
  readonly respacing: SigmaSpacingConfig;
  /** Equal steps in λ (Lu et al. 2022), with timesteps rounded like those of Karras sigmas. */
  readonly equalLambdas?: boolean;
  /** Respaced timesteps are rounded; otherwise cut to integers. */
  readonly roundRespaced: boolean;
  readonly sigmaMinimum?: number | null;
  readonly sigmaMaximum?: number | null;
  /** λ below which the schedule is not used. Default −∞. */
  readonly lambdaMinimum?: number;
  /** Sigmas of straight lines, largest first, for a number of steps; they replace all of the above. */
  readonly flowSigmas?: (steps: number) => readonly number[];
  readonly final: 'zero' | 'sigma_min';
  /** What the last step ends at with `sigma_min`: the smallest sigma of the schedule, or of the run. */
  readonly finalOf: 'schedule' | 'run';
  readonly steps?: number;
  readonly timesteps?: readonly number[];
  readonly begin?: number;
}

interface Point {
  timestep: number;
  sigma: number;
}

/** Plan of DPM-Solver and UniPC: noise-to-signal ratios of a variance preserving schedule, or sigmas of straight lines. */
export function solverPlan(options: SolverPlanOptions): Plan {
  const { flowSigmas, final, finalOf, begin = 0 } = options;
  const table = noiseRatios(options.alphaBars);
  const { points, isRespaced } = runPoints(options, table);
  const smallest = finalOf === 'run' && isRespaced ? points.at(-1)!.sigma : table[0]!;
  const level = flowSigmas ? flowLevel : preservingLevelOfRatio;
  const levels = points.map(({ timestep, sigma }) => level(Math.trunc(timestep), sigma));
  const last = level(0, final === 'zero' ? 0 : smallest);
  const steps = levels.map((from, i) => ({ from, to: levels[i + 1] ?? last }));
  return { steps: dropLeading(steps, begin), initialNoiseScale: 1, begin };
}

function runPoints(options: SolverPlanOptions, table: readonly number[]): { points: Point[]; isRespaced: boolean } {
  const { equalLambdas, flowSigmas, respacing, sigmaMinimum, sigmaMaximum, roundRespaced, alphaBars } = options;
  const total = alphaBars.length;
  const space = sigmaSpacing(respacing) ?? (equalLambdas ? exponentialSigmas : undefined);
  if (!space && !flowSigmas) {
    const points = solverTimesteps(options, table).map((timestep) => ({
      timestep,
      sigma: interpolate(timestep, table),
    }));
    return { points, isRespaced: false };
  }
  if (options.timesteps)
    throw new LascauxError({ operation: 'plan', rule: 'timesteps cannot be given with a spacing of sigmas' });
  const count = checkSteps(options.steps, total);
  if (!space)
    return { points: flowSigmas!(count).map((sigma) => ({ sigma, timestep: sigma * total })), isRespaced: true };
  const spaced = (ratios: readonly number[]): number[] =>
    space({ minimum: sigmaMinimum ?? ratios[0]!, maximum: sigmaMaximum ?? ratios.at(-1)!, count });
  const ratios = spaced(table);
  if (flowSigmas) {
    const sigmas = ratios.map((ratio) => ratio / (ratio + 1));
    return { points: sigmas.map((sigma) => ({ sigma, timestep: sigma * total })), isRespaced: true };
  }
  const round = roundRespaced ? roundHalfEven : (t: number) => t;
  // Whole timesteps are what rounding makes of them, so they are found in the 32 bits of diffusers: 998.9999 is cut to 998.
  const rounded = noiseRatios(alphaBars, Math.fround);
  const timesteps = spaced(rounded).map((sigma) => round(timestepOfSigma(sigma, rounded, Math.fround)));
  return { points: ratios.map((sigma, i) => ({ sigma, timestep: timesteps[i]! })), isRespaced: true };
}

/** Timesteps of n steps out of n + 1 points, the cleanest one dropped; trailing keeps n. */
function solverTimesteps(options: SolverPlanOptions, table: readonly number[]): readonly number[] {
  const { spacing, offset, lambdaMinimum = -Infinity } = options;
  const total = table.length;
  if (options.timesteps) return checkTimesteps(options.timesteps, total);
  const usable = table.filter((ratio) => -Math.log(ratio) >= lambdaMinimum).length;
  // One point more than steps: two equal ones would make a step of no length.
  const count = checkSteps(options.steps, spacing === 'trailing' ? total : usable - 1);
  switch (spacing) {
    case 'linspace':
      return linspace(0, usable - 1, count + 1)
        .map(roundHalfEven)
        .reverse()
        .slice(0, -1);
    case 'leading':
      return leadingTimesteps(count + 1, Math.floor(usable / (count + 1)), offset).slice(0, -1);
    case 'trailing':
      // Where n · (T/n) rounds to below T, a point more would follow, at which there is nothing left to do.
      return descending(usable, 0, total / count)
        .filter((point) => point > 1e-9)
        .map((point) => roundHalfEven(point) - 1);
  }
}
