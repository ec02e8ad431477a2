import type { FloatArray } from './types.js';

/** A zeroed array of the same kind and length as `x`, or of `length`. */
export function emptyLike<A extends FloatArray>(x: A, length: number = x.length): A {
  return (x instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)) as A;
}

/** Elementwise Σ weight · array, in doubles, stored like the first array. */
export function weightedSum<A extends FloatArray>(first: [number, A], ...rest: [number, FloatArray][]): A {
  const [second] = rest;
  return rest.length === 1 && second ? sumOfTwo(first, second) : sumOfMany(first, rest);
}

/** Nearly every move of a sampler has two terms: one pass and one array, a quarter of the general form's time. */
function sumOfTwo<A extends FloatArray>([a, x]: [number, A], [b, y]: [number, FloatArray]): A {
  const out = emptyLike(x);
  for (let i = 0; i < out.length; i++) out[i] = a * x[i]! + b * y[i]!;
  return out;
}

function sumOfMany<A extends FloatArray>(first: [number, A], rest: readonly [number, FloatArray][]): A {
  const [, x] = first;
  const sum = new Float64Array(x.length);
  addScaled(sum, first);
  for (const term of rest) addScaled(sum, term);
  return (x instanceof Float32Array ? new Float32Array(sum) : sum) as A;
}

/** A pass per term: the compiler makes a tight loop of it, which it does not of a loop over terms inside. */
function addScaled(sum: Float64Array, [weight, values]: [number, FloatArray]): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += weight * values[i]!;
}

/** Elementwise a·x, stored like `x`. */
export function scale<A extends FloatArray>(a: number, x: A): A {
  const out = emptyLike(x);
  for (let i = 0; i < out.length; i++) out[i] = a * x[i]!;
  return out;
}
