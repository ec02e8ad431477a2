import { check } from '@lascaux/nn';
import type { NoiseLevel, Plan } from '../types.js';
import { checkSteps, checkTimesteps, dropLeading } from './checks.js';
import { preservingLevel } from './levels.js';
import { spacedTimesteps, type TimestepSpacing } from './timesteps.js';

/** A run over integer timesteps of a variance preserving schedule. */
export interface PreservingPlanOptions {
  readonly alphaBars: Float64Array;
  readonly spacing: TimestepSpacing;
  readonly offset: number;
  readonly steps?: number;
  readonly timesteps?: readonly number[];
  readonly begin?: number;
  /** Where step i ends: the next timestep of the list (DDPM), or t − ⌊T/n⌋ whatever the spacing (DDIM of diffusers). */
  readonly target: 'next' | 'ratio';
  /** ᾱ where the last step ends: 1 is clean. */
  readonly finalAlphaBar: number;
}

/** Plan of DDPM and DDIM. */
export function preservingPlan(options: PreservingPlanOptions): Plan {
  const { alphaBars, finalAlphaBar, target, begin = 0 } = options;
  const total = alphaBars.length;
  const timesteps = options.timesteps
    ? checkTimesteps(options.timesteps, total)
    : spacedTimesteps({ ...options, count: checkSteps(options.steps, total), total });
  const useRatio = target === 'ratio' && !options.timesteps;
  const ratio = Math.floor(total / timesteps.length);
  const level = levelTable(alphaBars, finalAlphaBar);
  const steps = timesteps.map((t, i) => ({
    from: level(t),
    to: level(useRatio ? t - ratio : (timesteps[i + 1] ?? -1)),
  }));
  return { steps: dropLeading(steps, begin), initialNoiseScale: 1, begin };
}

/**
 * Level of a timestep; a negative timestep is the end of the last step.
 * @throws LascauxError beyond the last timestep, where an offset may lead.
 */
export function levelTable(alphaBars: Float64Array, finalAlphaBar: number): (timestep: number) => NoiseLevel {
  return (timestep) => {
    const rule = `timesteps must be below ${alphaBars.length}; with this steps_offset take fewer steps`;
    check(timestep < alphaBars.length, { operation: 'plan', rule, value: timestep });
    return preservingLevel(timestep, timestep < 0 ? finalAlphaBar : alphaBars[timestep]!);
  };
}
