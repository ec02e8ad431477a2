import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Dim, Shape } from '../program/shape.js';

/** A feature map [N, C, H, W] as a sequence of its cells, row by row: [N, H·W, C]. */
export function toTokens(x: Value): Value {
  const [n, c] = x.shape as readonly [Dim, Dim];
  return ops.reshape(ops.transpose(x, [0, 2, 3, 1]), [n, -1, c]);
}

/** The inverse of `toTokens`: [N, H·W, C] → [N, C, H, W], with the sizes of the feature map `like`. */
export function fromTokens(tokens: Value, like: Shape): Value {
  const [n, , h, w] = like as readonly [Dim, Dim, Dim, Dim];
  return ops.transpose(ops.reshape(tokens, [n, h, w, tokens.shape[2] as Dim]), [0, 3, 1, 2]);
}
