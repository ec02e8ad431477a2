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
  return affine(x, weight, bias ? scope.parameter('bias', [out], zeros) : undefined);
}

/**
 * `linear` whose result is cut into `parts` pieces of `out` along its last axis: [..., in] → pieces [..., out].
 * With known sizes the weight is cut in place of the result, so that no gradient of a large piece is padded to the whole.
 * @throws {LascauxError} when the last axis has no known size
 */
export function splitLinear(
  scope: Scope,
  x: Value,
  { out, parts }: { readonly out: number; readonly parts: number },
): readonly Value[] {
  const fanIn = knownSize('splitLinear', x, -1);
  const weight = scope.parameter('weight', [parts * out, fanIn], fanInUniform(fanIn));
  const bias = scope.parameter('bias', [parts * out], zeros);
  if (!isFlattened(x)) return ops.split(affine(x, weight, bias), { axis: -1, parts });
  const biases = ops.split(bias, { axis: 0, parts });
  return ops.split(weight, { axis: 0, parts }).map((rows, i) => affine(x, rows, biases[i]));
}

/**
 * With known sizes one flat product [rows, in]·[in, out] makes the weight's gradient a single product too; with named axes a
 * broadcast product needs no shape arithmetic when the graph runs.
 */
const isFlattened = ({ shape }: Value): boolean =>
  shape.length > 2 && shape.slice(0, -1).every((dim) => typeof dim === 'number');

function affine(x: Value, weight: Value, bias: Value | undefined): Value {
  const flat = isFlattened(x);
  const [out, fanIn] = weight.shape as readonly [number, number];
  const product = ops.matmul(flat ? ops.reshape(x, [-1, fanIn]) : x, ops.swapLast(weight));
  const shifted = bias === undefined ? product : ops.add(product, bias);
  return flat ? ops.reshape(shifted, [...x.shape.slice(0, -1), out]) : shifted;
}
