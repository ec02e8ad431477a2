import { LascauxError } from '@lascaux/nn';
import type { Plan, PlanStep } from '../types.js';
import { checkSteps, checkTimesteps, dropLeading } from './checks.js';
import { levelTable } from './preserving-plan.js';
import { spacedTimesteps, type TimestepSpacing } from './timesteps.js';

/** A run of PNDM. */
export interface PndmPlanOptions {
  readonly alphaBars: Float64Array;
  readonly spacing: TimestepSpacing;
  readonly offset: number;
  readonly finalAlphaBar: number;
  /** Warm up with three Runge-Kutta steps in place of one repeated step. */
  readonly rungeKutta: boolean;
  readonly steps?: number;
  readonly timesteps?: readonly number[];
  readonly begin?: number;
}

/**
 * Plan of PNDM: one entry a network call. `begin` counts timesteps, not calls; the warm-up starts wherever the run does.
 * @throws LascauxError with the Runge-Kutta warm-up when fewer than four timesteps are left.
 */
export function pndmPlan(options: PndmPlanOptions): Plan {
  const { alphaBars, finalAlphaBar, rungeKutta, begin = 0 } = options;
  const total = alphaBars.length;
  const all = options.timesteps
    ? checkTimesteps(options.timesteps, total)
    : spacedTimesteps({ ...options, count: checkSteps(options.steps, total), total });
  const timesteps = dropLeading(all, begin);
  if (rungeKutta && timesteps.length < 4) {
    throw new LascauxError({
      operation: 'plan',
      rule: 'pndm without skip_prk_steps needs at least 4 timesteps',
      value: timesteps.length,
    });
  }
  const ratio = Math.floor(total / all.length);
  const calls = rungeKutta ? rungeKuttaPlan(timesteps, ratio) : linearPlan(timesteps, ratio);
  const level = levelTable(alphaBars, finalAlphaBar);
  const steps = calls.map(([at, from, to]): PlanStep => ({
    at: level(at),
    from: level(Math.min(from, total - 1)),
    to: level(to),
  }));
  return { steps, initialNoiseScale: 1, begin };
}

/** Timesteps of a call: where the network looks, where the move starts and where it ends. */
type Call = [at: number, from: number, to: number];

/** The first step is made twice, the second time with the mean of both ends. */
function linearPlan(timesteps: readonly number[], ratio: number): Call[] {
  return timesteps.flatMap((t, i): Call[] => {
    const call: Call = [t, t, t - ratio];
    return i === 1 ? [[t, t + ratio, t], call] : [call];
  });
}

/** Three fourth-order steps, their inner points half a ratio apart, then single calls. */
function rungeKuttaPlan(timesteps: readonly number[], ratio: number): Call[] {
  const half = Math.floor(ratio / 2);
  const warmUp = timesteps.slice(0, 3).flatMap((t, i): Call[] => {
    const next = timesteps[i + 1]!;
    const middle = next + half;
    return [
      [t, t, t - half],
      [middle, t, middle],
      [middle, t, middle - half],
      [next, t, next],
    ];
  });
  return [...warmUp, ...timesteps.slice(3).map((t): Call => [t, t, t - ratio])];
}
