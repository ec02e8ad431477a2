import { check } from '../errors.js';
import * as ops from '../program/ops.js';
import type { Initializer, Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { Dim } from '../program/shape.js';
import { knownSize } from './known-size.js';
import { linear } from './linear.js';

/** Operands of `multiHeadAttention`: projected sequences [N, T, C], [N, S, C], [N, S, C′]. */
export interface AttentionOperands {
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
  readonly heads: number;
  /** Added to the scores before the softmax; broadcasts to [N, heads, T, S]. */
  readonly mask?: Value;
  /** Factor of the scores; default 1/√(C / heads). */
  readonly scale?: number;
}

/** [N, T, C] → [N, T, heads, C/heads], with the axes then in the given order. */
function cutHeads(x: Value, heads: number, permutation: readonly number[]): Value {
  const [n, t] = x.shape as readonly [Dim, Dim];
  return ops.transpose(ops.reshape(x, [n, t, heads, knownSize('attention', x, 2) / heads]), permutation);
}

/**
 * softmax(scale·q·kᵀ + mask)·v in each head, heads side by side: [N, T, C′]. Source: Vaswani et al. 2017, eq. 1.
 * @throws {LascauxError} when the heads do not divide the width
 */
export function multiHeadAttention({ query, key, value, heads, mask, scale }: AttentionOperands): Value {
  const width = knownSize('attention', query, 2);
  check(width % heads === 0, { operation: 'attention', rule: `${heads} heads must divide the width`, value: width });
  const q = ops.mul(cutHeads(query, heads, [0, 2, 1, 3]), scale ?? 1 / Math.sqrt(width / heads));
  const k = cutHeads(key, heads, [0, 2, 3, 1]); // [N, heads, d, S]
  const v = cutHeads(value, heads, [0, 2, 1, 3]);
  const scores = ops.matmul(q, k); // [N, heads, T, S]
  const attended = ops.matmul(ops.softmax(mask === undefined ? scores : ops.add(scores, mask)), v);
  const [n, t] = query.shape as readonly [Dim, Dim];
  return ops.reshape(ops.transpose(attended, [0, 2, 1, 3]), [n, t, knownSize('attention', value, 2)]);
}

/** Options of `attention`. */
export interface AttentionOptions {
  readonly heads: number;
  /** The sequence attended to, [N, S, D]; default: the tokens themselves. */
  readonly context?: Value;
  /** Whether query, key and value have a bias; default false. The output always has one. */
  readonly bias?: boolean;
  readonly mask?: Value;
  /** Of `to_out.0.weight`. */
  readonly outInitializer?: Initializer;
}

/** Attention with diffusers' names `to_q`, `to_k`, `to_v`, `to_out.0`: tokens [N, T, C] → [N, T, C]. */
export function attention(scope: Scope, x: Value, options: AttentionOptions): Value {
  const { heads, context = x, bias = false, mask, outInitializer } = options;
  const out = knownSize('attention', x, 2);
  const attended = multiHeadAttention({
    query: linear(scope.at('to_q'), x, { out, bias }),
    key: linear(scope.at('to_k'), context, { out, bias }),
    value: linear(scope.at('to_v'), context, { out, bias }),
    heads,
    mask,
  });
  return linear(scope.at('to_out', 0), attended, { out, initializer: outInitializer });
}
