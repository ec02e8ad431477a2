import type { FloatArray } from './types.js';

/** A zeroed array of the same kind and length as `x`, or of `length`. */
export function emptyLike<A extends FloatArray>(x: A, length: number = x.length): A {
  return (x instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)) as A;
}

/** Elementwise Σ weight · array, in doubles, stored like the first array. */
export function weightedSum<A extends FloatArray>(first: [number, A], ...rest: [number, FloatArray][]): A {
  const [weight, x] = first;
  const out = emptyLike(x);
  for (let i = 0; i < out.length; i++) {
    let sum = weight * x[i]!;
    for (const [w, y] of rest) sum += w * y[i]!;
    out[i] = sum;
  }
  return out;
}

/** Elementwise a·x, stored like `x`. */
export function scale<A extends FloatArray>(a: number, x: A): A {
  const out = emptyLike(x);
  for (let i = 0; i < out.length; i++) out[i] = a * x[i]!;
  return out;
}
