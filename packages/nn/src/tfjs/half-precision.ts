import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tfjs } from './backends.js';

const SMALLEST_NORMAL = 2 ** -14;
const LARGEST = 65504;

/** float32 with 23 fraction bits: adding and subtracting this leaves multiples of 2⁻²⁴, the step of subnormal halves. */
const SUBNORMAL_SHIFT = 0.75;

/** x rounded to 11 significant bits of float32's 24: x·(2¹³ + 1) minus its own remainder (Veltkamp 1968, Dekker 1971). */
function rounded(tf: Tfjs, x: Tensor): Tensor {
  const scaled = tf.mul(x, 2 ** 13 + 1);
  return tf.sub(scaled, tf.sub(scaled, x));
}

/**
 * Every element rounded to the nearest half-precision number, kept as float32: tfjs has no half precision.
 * What is too large becomes an infinity.
 */
export function roundToHalf(tf: Tfjs, x: Tensor): Tensor {
  const magnitude = tf.abs(x);
  const small = tf.sub(tf.add(x, SUBNORMAL_SHIFT), SUBNORMAL_SHIFT);
  // Beyond 2^17 the splitting could overflow, and the result is an infinity anyway.
  const normal = rounded(tf, tf.clipByValue(x, -(2 ** 17), 2 ** 17));
  const finite = tf.where(tf.less(magnitude, SMALLEST_NORMAL), small, normal);
  const infinite = tf.mul(tf.sign(x), Infinity);
  return tf.where(tf.greater(tf.abs(finite), LARGEST), infinite, finite);
}
