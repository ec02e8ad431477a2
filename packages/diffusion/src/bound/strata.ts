import { check } from '@lascaux/nn';
import type { NoiseLevel } from '../types.js';

/** A run of timesteps, both ends included. */
export interface Stratum {
  readonly first: number;
  readonly last: number;
}

/** Which timesteps are grouped. */
export interface StrataOptions {
  /** The level of each integer timestep 0 … timesteps − 1 of a variance preserving schedule. */
  readonly levelAt: (timestep: number) => NoiseLevel;
  /** T. */
  readonly timesteps: number;
  /** Number of groups, 1 … T − 1. */
  readonly count: number;
}

/**
 * Cuts the steps t → t − 1 of the reverse chain, t = 1 … T − 1, into groups that share evenly what the chain says about x0: were the data
 * of unit deviation, x_t would tell ½ ln(1 + signal²/sigma²) nats of each value. The cleanest group comes first.
 * Why: docs/decisions/0087.
 * @throws LascauxError when there are fewer steps than groups, or a level does not preserve the variance.
 */
export function boundStrata({ levelAt, timesteps, count }: StrataOptions): Stratum[] {
  check(Number.isInteger(count) && count >= 1 && count <= timesteps - 1, {
    operation: 'bound strata',
    rule: `must be a whole number from 1 to ${timesteps - 1}, one less than the timesteps of training`,
    value: count,
  });
  const known = Array.from({ length: timesteps }, (_, t) => nats(levelAt(t)));
  const [all, none] = [known[0]!, known[timesteps - 1]!];
  const strata: Stratum[] = [];
  let first = 1;
  for (let k = 1; k <= count; k++) {
    const target = all - ((all - none) * k) / count;
    // Each group after this one needs a step too.
    const latest = timesteps - 1 - (count - k);
    let last = first;
    while (last < latest && known[last + 1]! >= target) last++;
    if (k === count) last = latest;
    strata.push({ first, last });
    first = last + 1;
  }
  return strata;
}

/** ½ ln(1 + signal²/sigma²) = −ln sigma where the variance is preserved. */
function nats({ signal, sigma, timestep }: NoiseLevel): number {
  check(Math.abs(signal ** 2 + sigma ** 2 - 1) < 1e-6 && sigma > 0, {
    operation: 'variational bound',
    rule: `needs a variance preserving schedule (signal² + sigma² = 1 and sigma > 0) at timestep ${timestep}`,
    value: `signal ${signal} and sigma ${sigma}`,
  });
  return -Math.log(sigma);
}
