import { randomInt } from 'node:crypto';

/** Seeds drawn for `--seed -1` stay below 2³², where every other program accepts them too. */
const LARGEST_DRAWN_SEED = 2 ** 32;

/** The seed to use: the one given, or a random one for -1 (the habit of AUTOMATIC1111's users). */
export function resolveSeed(seed: number): number {
  return seed === -1 ? randomInt(LARGEST_DRAWN_SEED) : seed;
}
