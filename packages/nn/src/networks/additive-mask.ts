import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Dim } from '../program/shape.js';

/** Stands for −∞ in an additive mask: exp of it is 0 in float32, and sums with it stay finite. */
export const MASKED = -1e9;

/** A mask [N, T] of integers, 1 where a token counts → [N, 1, 1, T]: 0 there, else a large negative number, to be added to attention scores. */
export function additiveMask(mask: Value): Value {
  const [n, t] = mask.shape as readonly [Dim, Dim];
  return ops.reshape(ops.mul(ops.sub(1, ops.cast(mask, 'float32')), MASKED), [n, 1, 1, t]);
}
