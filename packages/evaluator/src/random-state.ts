import { LascauxError } from '@lascaux/nn';
const LENGTH = 624;
const MIDDLE = 397;

/** The part of `numpy.random.RandomState` that the Python evaluators draw their subsets with. */
export interface NumpyRandomState {
  /** A permutation of 0 … count−1, as `RandomState.permutation(count)` gives it. */
  permutation(count: number): Int32Array;
}

/**
 * Mersenne Twister seeded as `numpy.random.RandomState(seed)` (Matsumoto & Nishimura, ACM TOMACS 8, 1998; `init_genrand`),
 * so that subsets are the very ones of torch-fidelity, whose seed is 2020.
 *
 * @throws LascauxError when the seed is not an integer from 0 to 2³²−1.
 */
export function numpyRandomState(seed: number): NumpyRandomState {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new LascauxError({
      operation: 'numpyRandomState',
      rule: 'seed must be an integer from 0 to 4294967295',
      value: seed,
    });
  }
  const next = mersenneTwister(seed);
  return {
    permutation(count) {
      const order = Int32Array.from({ length: count }, (_, i) => i);
      for (let i = count - 1; i > 0; i--) {
        const j = boundedBelow(next, i);
        [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
      }
      return order;
    },
  };
}

/** An integer from 0 to `largest`: masked draws, repeated while too large. */
function boundedBelow(next: () => number, largest: number): number {
  const mask = 2 ** (32 - Math.clz32(largest)) - 1;
  for (;;) {
    const value = (next() & mask) >>> 0;
    if (value <= largest) return value;
  }
}

function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(LENGTH);
  state[0] = seed;
  for (let i = 1; i < LENGTH; i++) {
    const previous = state[i - 1] ?? 0;
    state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
  }
  let index = LENGTH;
  return () => {
    if (index === LENGTH) {
      regenerate(state);
      index = 0;
    }
    return temper(state[index++] ?? 0);
  };
}

function regenerate(state: Uint32Array): void {
  for (let i = 0; i < LENGTH; i++) {
    const joined = ((state[i] ?? 0) & 0x80000000) | ((state[(i + 1) % LENGTH] ?? 0) & 0x7fffffff);
    state[i] = (state[(i + MIDDLE) % LENGTH] ?? 0) ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
  }
}

function temper(word: number): number {
  let y = word;
  y ^= y >>> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  y ^= y >>> 18;
  return y >>> 0;
}
