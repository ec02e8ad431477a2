import { check } from './errors.js';

/** Everything needed to go on with a stream exactly where it stood. */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
  /** The second half of the last Box–Muller pair, when it has not been handed out yet. */
  readonly spare: number | null;
}

/** A seeded random stream; two streams of the same seed give the same numbers on every machine. */
export interface RandomStream {
  /** One unsigned 32-bit integer. */
  uint32(): number;
  /** One double in (0, 1): (uint32 + ½) / 2³². */
  uniform(): number;
  /** One integer in [0, `bound`). */
  integer(bound: number): number;
  /** `count` standard normals, rounded to float32. */
  normal(count: number): Float32Array;
  /** A seeded permutation of 0 … `count` − 1 (Fisher–Yates). */
  permutation(count: number): Uint32Array;
  /** An independent stream named by `key`; drawing from it does not move this one. */
  fork(key: string): RandomStream;
  state(): RandomState;
}

/** FNV-1a over UTF-16 code units: names a stream by any text. */
function hash32(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** SplitMix32 finaliser: spreads a counter over all 32 bits. */
function mix32(value: number): number {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

function initialWords(seed: number | string): [number, number, number, number] {
  const [low, high] =
    typeof seed === 'string' ? [hash32(seed), hash32(`${seed}\u0000`)] : [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  let counter = mix32(high) ^ low;
  const next = (): number => mix32((counter = (counter + 0x9e3779b9) | 0));
  const words: [number, number, number, number] = [next(), next(), next(), next() ^ high];
  return words.every((word) => word === 0) ? [1, 0, 0, 0] : words;
}

const rotateLeft = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

function streamFrom(state: RandomState): RandomStream {
  let [a, b, c, d] = state.words;
  let spare = state.spare;

  // xoshiro128** (Blackman & Vigna 2018)
  const uint32 = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  };
  const uniform = (): number => (uint32() + 0.5) / 2 ** 32;

  // Box–Muller: one pair of uniforms gives two independent normals.
  const oneNormal = (): number => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };

  const integer = (bound: number): number => Math.floor(uniform() * bound);

  return {
    uint32,
    uniform,
    integer,
    normal: (count) => {
      const values = new Float32Array(count);
      for (let i = 0; i < count; i++) values[i] = oneNormal();
      return values;
    },
    permutation: (count) => {
      const order = Uint32Array.from({ length: count }, (_, i) => i);
      for (let i = count - 1; i > 0; i--) {
        const j = integer(i + 1);
        [order[i], order[j]] = [order[j] as number, order[i] as number];
      }
      return order;
    },
    fork: (key) => randomStream(`${a >>> 0}/${b >>> 0}/${c >>> 0}/${d >>> 0}/${key}`),
    state: () => ({ words: [a >>> 0, b >>> 0, c >>> 0, d >>> 0], spare }),
  };
}

/**
 * A seeded random stream: xoshiro128** (Blackman & Vigna 2018) whose four words come from SplitMix32 over the seed; normals by Box–Muller.
 * @param seed a non-negative safe integer, or any text
 * @throws {LascauxError} when a number is negative, fractional or above 2⁵³ − 1
 */
export function randomStream(seed: number | string): RandomStream {
  check(typeof seed === 'string' || (Number.isSafeInteger(seed) && seed >= 0), {
    operation: 'randomStream',
    rule: 'the seed must be a whole number from 0 to 2^53 - 1, or text',
    value: seed,
    kind: 'usage',
  });
  return streamFrom({ words: initialWords(seed), spare: null });
}

/** Goes on with a stream from a saved state. */
export function resumeRandomStream(state: RandomState): RandomStream {
  return streamFrom(state);
}
