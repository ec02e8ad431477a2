import { LascauxError } from '@lascaux/nn';
/**
 * Checks a number of sampling steps.
 * @throws LascauxError unless it is an integer of 1 … total.
 */
export function checkSteps(steps: number | undefined, total: number): number {
  if (steps === undefined || !Number.isInteger(steps) || steps < 1 || steps > total) {
    throw new LascauxError({ operation: 'plan', rule: `steps must be an integer from 1 to ${total}, got ${steps}` });
  }
  return steps;
}

/**
 * Checks custom timesteps.
 * @throws LascauxError unless they fall strictly and lie in 0 … total − 1.
 */
export function checkTimesteps(timesteps: readonly number[], total: number): readonly number[] {
  const bad = timesteps.findIndex((t, i) => !(t >= 0 && t < total && (i === 0 || t < timesteps[i - 1]!)));
  if (timesteps.length === 0 || bad >= 0) {
    const got = timesteps.length === 0 ? 'none' : `${timesteps[bad]} at position ${bad}`;
    throw new LascauxError({
      operation: 'plan',
      rule: `timesteps must fall from at most ${total - 1} to at least 0, got ${got}`,
    });
  }
  return timesteps;
}

/**
 * Drops the first `begin` of a list of steps.
 * @throws LascauxError unless begin is an integer of 0 … length − 1.
 */
export function dropLeading<T>(steps: readonly T[], begin = 0): readonly T[] {
  if (!Number.isInteger(begin) || begin < 0 || begin >= steps.length) {
    throw new LascauxError({
      operation: 'plan',
      rule: `begin must be an integer from 0 to ${steps.length - 1}`,
      value: begin,
    });
  }
  return steps.slice(begin);
}

/**
 * The number of leading steps that image-to-image drops: steps − min(⌊steps · strength⌋, steps), as diffusers counts it.
 * @throws LascauxError unless strength is in 0 … 1.
 */
export function beginForStrength(steps: number, strength: number): number {
  if (!(strength >= 0 && strength <= 1))
    throw new LascauxError({ operation: 'strength', rule: 'must be from 0 to 1', value: strength });
  return steps - Math.min(Math.floor(steps * strength), steps);
}
