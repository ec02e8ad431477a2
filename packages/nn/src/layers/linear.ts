import * as ops from '../program/ops.js';
import type { Initializer, Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import { fanInUniform, zeros } from './initializers.js';
import { knownSize } from './known-size.js';

/** Options of `linear`. */
export interface LinearOptions {
  /** Size of the last axis of the result. */
  readonly out: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Of the weight; default ±1/√in as in PyTorch. The bias starts at 0. */
  readonly initializer?: Initializer;
}

/**
 * y = x·Wᵀ + b over the last axis: [..., in] → [..., out]; parameters `weight` [out, in] and `bias` [out] (torch.nn.Linear).
 * @throws {LascauxError} when the last axis has no known size
 */
export function linear(scope: Scope, x: Value, { out, bias = true, initializer }: LinearOptions): Value {
  const fanIn = knownSize('linear', x, -1);
  const weight = scope.parameter('weight', [out, fanIn], initializer ?? fanInUniform(fanIn));
  const leading = x.shape.slice(0, -1);
  // With known sizes one flat product [rows, in]·[in, out] makes the weight's gradient a single product too; with named axes a
  // broadcast product needs no shape arithmetic when the graph runs.
  const flat = leading.length > 1 && leading.every((dim) => typeof dim === 'number');
  const product = ops.matmul(flat ? ops.reshape(x, [-1, fanIn]) : x, ops.swapLast(weight));
  const shifted = bias ? ops.add(product, scope.parameter('bias', [out], zeros)) : product;
  return flat ? ops.reshape(shifted, [...leading, out]) : shifted;
}
