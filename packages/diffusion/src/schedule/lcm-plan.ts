import type { Plan } from '../types.js';
import { checkSteps, checkTimesteps, dropLeading } from './checks.js';
import { levelTable } from './preserving-plan.js';

/** A run of LCM. */
export interface LcmPlanOptions {
  readonly alphaBars: Float64Array;
  readonly finalAlphaBar: number;
  /** Number of timesteps the model was distilled on. */
  readonly originalSteps: number;
  /** Image-to-image: the share of the distilled timesteps that is used. Default 1. */
  readonly strength?: number;
  readonly steps?: number;
  readonly timesteps?: readonly number[];
  readonly begin?: number;
}

/** Plan of LCM: evenly chosen among the timesteps of the distillation (Luo et al. 2023, section 4.3). */
export function lcmPlan(options: LcmPlanOptions): Plan {
  const { alphaBars, finalAlphaBar, begin = 0 } = options;
  const timesteps = options.timesteps ? checkTimesteps(options.timesteps, alphaBars.length) : lcmTimesteps(options);
  const level = levelTable(alphaBars, finalAlphaBar);
  const steps = timesteps.map((t, i) => ({ from: level(t), to: level(timesteps[i + 1] ?? -1) }));
  return { steps: dropLeading(steps, begin), initialNoiseScale: 1, begin };
}

function lcmTimesteps({ alphaBars, originalSteps, strength = 1, steps }: LcmPlanOptions): number[] {
  const ratio = Math.floor(alphaBars.length / originalSteps);
  const available = Math.floor(originalSteps * strength);
  const count = checkSteps(steps, available);
  return Array.from({ length: count }, (_, i) => (available - Math.floor(i * (available / count))) * ratio - 1);
}
