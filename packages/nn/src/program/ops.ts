import { LascauxError, check } from '../errors.js';
import type { Value } from './program.js';
import type { ConvolutionGeometry, Padding, PrimitiveName } from './primitives.js';
import type { DType, Dim, Shape } from './shape.js';
import { axisOf, productOf, sameShape, sizeOf } from './shape.js';

/** A value, or a number that becomes a scalar constant. */
export type Operand = Value | number;

/** A literal array in the program of `like`; `shape` defaults to a scalar. */
export function constant(
  like: Value,
  values: readonly number[],
  options: { shape?: readonly number[]; dtype?: DType } = {},
): Value {
  const shape = options.shape ?? [];
  check(values.length === sizeOf(shape), {
    operation: 'constant',
    rule: `needs ${sizeOf(shape)} values`,
    value: values.length,
  });
  return like.builder.call('constant', [], { values, shape, dtype: options.dtype ?? 'float32' });
}

const lift = (x: Operand, like: Value): Value =>
  typeof x === 'number' ? constant(like, [x], { dtype: like.dtype }) : x;

/** The value before a broadcast that the other operand's shape brings about anyway. */
function narrow(x: Value, other: Value): Value {
  const producer = x.builder.producer(x);
  if (producer?.primitive !== 'broadcast' || !sameShape(x.shape, other.shape)) return x;
  return x.builder.at(producer.inputs[0] as number);
}

function binary(name: 'add' | 'sub' | 'mul' | 'div' | 'greater', a: Operand, b: Operand): Value {
  const like = typeof a === 'number' ? b : a;
  if (typeof like === 'number')
    throw new LascauxError({ operation: name, rule: 'one operand must be a value', value: `${like}` });
  const [x, y] = [lift(a, like), lift(b, like)];
  const left = narrow(x, y);
  return like.builder.call(name, left === x ? [x, narrow(y, x)] : [left, y], {});
}

/** a + b, broadcast as numpy does. */
export const add = (a: Operand, b: Operand): Value => (b === 0 && typeof a !== 'number' ? a : binary('add', a, b));
/** a − b */
export const sub = (a: Operand, b: Operand): Value => binary('sub', a, b);
/** a · b, element by element */
export const mul = (a: Operand, b: Operand): Value => (b === 1 && typeof a !== 'number' ? a : binary('mul', a, b));
/** a / b */
export const div = (a: Operand, b: Operand): Value => (typeof b === 'number' ? mul(a, 1 / b) : binary('div', a, b));
/** 1 where a > b, else 0 */
export const greater = (a: Operand, b: Operand): Value => binary('greater', a, b);

type Unary = Extract<
  PrimitiveName,
  | 'neg'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'sin'
  | 'cos'
  | 'tanh'
  | 'erf'
  | 'sigmoid'
  | 'relu'
  | 'silu'
  | 'gelu'
  | 'softmax'
  | 'stopGradient'
>;
const unary =
  (name: Unary) =>
  (x: Value): Value =>
    x.builder.call(name, [x], {});

export const neg = unary('neg');
export const exp = unary('exp');
/** Natural logarithm. */
export const log = unary('log');
export const sqrt = unary('sqrt');
export const sin = unary('sin');
export const cos = unary('cos');
export const tanh = unary('tanh');
export const erf = unary('erf');
/** 1 / (1 + exp(−x)) */
export const sigmoid = unary('sigmoid');
/** max(x, 0) */
export const relu = unary('relu');
/** x·σ(x) */
export const silu = unary('silu');
/** x·Φ(x), the exact form */
export const gelu = unary('gelu');
/** Softmax over the last axis. */
export const softmax = unary('softmax');
/** The same values; no gradient flows back. */
export const stopGradient = unary('stopGradient');
/** x·σ(1.702·x), CLIP's activation */
export const quickGelu = (x: Value): Value => mul(x, sigmoid(mul(x, 1.702)));
/** x² */
export const square = (x: Value): Value => mul(x, x);
/** |x| */
export const abs = (x: Value): Value => mul(x, sub(mul(greater(x, 0), 2), 1));

/** min(max(x, low), high); the gradient is 0 outside. */
export function clamp(x: Value, low: number, high: number): Value {
  const above = greater(x, high);
  const below = greater(low, x);
  const inside = sub(sub(1, above), below);
  return add(add(mul(x, inside), mul(above, high)), mul(below, low));
}

/** Σ over the axes (all by default), which stay with size 1. */
export const sum = (x: Value, axes: readonly number[] = x.shape.map((_, i) => i)): Value =>
  axes.length === 0 ? x : x.builder.call('sum', [x], { axes: axes.map((axis) => axisOf('sum', axis, x.shape.length)) });

/** The mean over the axes (all by default), which stay with size 1. */
export function mean(x: Value, axes: readonly number[] = x.shape.map((_, i) => i)): Value {
  const count = sizeOf(axes.map((axis) => x.shape[axisOf('mean', axis, x.shape.length)] as Dim));
  return mul(sum(x, axes), 1 / count);
}

/** The maximum over one axis, which stays with size 1. */
export const max = (x: Value, axis: number): Value =>
  x.builder.call('max', [x], { axis: axisOf('max', axis, x.shape.length) });

/** log Σ exp(x) over the last axis, which stays with size 1. */
export function logSumExp(x: Value): Value {
  const top = stopGradient(max(x, -1));
  return add(log(sum(exp(sub(x, top)), [-1])), top);
}

/** (x − mean) / √(variance + ε) over the last axis. */
export const standardize = (x: Value, epsilon: number): Value => x.builder.call('standardize', [x], { epsilon });
/** 1 / √(variance + ε) over the last axis. */
export const inverseDeviation = (x: Value, epsilon: number): Value =>
  x.builder.call('inverseDeviation', [x], { epsilon });

/** The same elements in another shape; one axis may be −1. */
export function reshape(x: Value, shape: Shape): Value {
  const open = shape.indexOf(-1);
  const target = open < 0 ? shape : shape.map((dim, i) => (i === open ? remaining(x.shape, shape) : dim));
  const producer = x.builder.producer(x);
  if (producer?.primitive === 'reshape') return reshape(x.builder.at(producer.inputs[0] as number), target);
  return sameShape(x.shape, target) ? x : x.builder.call('reshape', [x], { shape: target });
}

/** The size of the axis given as −1: what is left of the elements after the other axes. */
function remaining(from: Shape, to: Shape): Dim {
  const left: Dim[] = [...from];
  const others = to.filter((dim) => dim !== -1);
  for (const dim of others.filter((d) => typeof d === 'string')) {
    const index = left.indexOf(dim);
    check(index >= 0, {
      operation: 'reshape',
      rule: `the named axis ${dim} must be one of [${from.join(', ')}]`,
      value: `[${to.join(', ')}]`,
    });
    left.splice(index, 1);
  }
  const known = sizeOf(others.filter((d) => typeof d === 'number'));
  const names = left.filter((d) => typeof d === 'string');
  const size = sizeOf(left.filter((d) => typeof d === 'number')) / known;
  check(Number.isInteger(size), {
    operation: 'reshape',
    rule: 'the number of elements must stay',
    value: `[${from.join(', ')}] → [${to.join(', ')}]`,
  });
  return productOf([...names, size]);
}

/** The axes in another order. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  const producer = x.builder.producer(x);
  if (producer?.primitive === 'transpose') {
    const earlier = producer.attributes.permutation;
    return transpose(
      x.builder.at(producer.inputs[0] as number),
      permutation.map((axis) => earlier[axis] as number),
    );
  }
  return permutation.every((axis, i) => axis === i) ? x : x.builder.call('transpose', [x], { permutation });
}

/** The last two axes swapped. */
export function swapLast(x: Value): Value {
  const rank = x.shape.length;
  return transpose(
    x,
    x.shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i)),
  );
}

/** Repeats axes of size 1 until the shape is reached. */
export const broadcast = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : x.builder.call('broadcast', [x], { shape });

/** Values one after another along an axis. */
export function concat(values: readonly Value[], axis: number): Value {
  const first = values[0];
  if (first === undefined) throw new LascauxError({ operation: 'concat', rule: 'needs at least one value' });
  return values.length === 1
    ? first
    : first.builder.call('concat', values, { axis: axisOf('concat', axis, first.shape.length) });
}

/** Cells [begin, end) of one axis. */
export function slice(x: Value, { axis, begin, end }: { axis: number; begin: number; end: number }): Value {
  const along = axisOf('slice', axis, x.shape.length);
  return begin === 0 && end === x.shape[along] ? x : x.builder.call('slice', [x], { axis: along, begin, end });
}

/** An axis cut into equal parts. @throws {LascauxError} when it does not divide */
export function split(x: Value, { axis, parts }: { axis: number; parts: number }): readonly Value[] {
  const along = axisOf('split', axis, x.shape.length);
  const size = x.shape[along];
  check(typeof size === 'number' && size % parts === 0, {
    operation: 'split',
    rule: `axis ${along} must be a multiple of ${parts}`,
    value: size,
  });
  const step = size / parts;
  return Array.from({ length: parts }, (_, i) => slice(x, { axis: along, begin: i * step, end: (i + 1) * step }));
}

/** Zeros put before and after one axis. */
export function pad(x: Value, { axis, before, after }: { axis: number; before: number; after: number }): Value {
  return before === 0 && after === 0
    ? x
    : x.builder.call('pad', [x], { axis: axisOf('pad', axis, x.shape.length), before, after });
}

/** The upper left part of a feature map [N, C, H, W], of the height and width of `like`, which may be known only when the program runs. */
export function cropLike(x: Value, like: Value): Value {
  return sameShape(x.shape.slice(2), like.shape.slice(2)) ? x : x.builder.call('cropLike', [x, like], {});
}

/** Matrix product of the last two axes, the others broadcast: [..., M, K] · [..., K, N] → [..., M, N]. */
export const matmul = (a: Value, b: Value): Value => a.builder.call('matmul', [a, b], {});

/** Cross-correlation of a feature map [N, C, H, W] with a filter [K, C, h, w], plus a bias [K] where one is given → [N, K, H′, W′]. */
export const conv2d = (
  x: Value,
  filter: Value,
  { bias, stride, padding }: ConvolutionGeometry & { readonly bias?: Value },
): Value => x.builder.call('conv2d', bias === undefined ? [x, filter] : [x, filter, bias], { stride, padding });

/** The gradient of `conv2d` for its feature map of shape `inputShape`. */
export const conv2dInputGradient = (
  cotangent: Value,
  filter: Value,
  attributes: ConvolutionGeometry & { inputShape: Shape },
): Value => cotangent.builder.call('conv2dInputGradient', [cotangent, filter], attributes);

/** The gradient of `conv2d` for its filter of shape `filterShape`. */
export const conv2dFilterGradient = (
  x: Value,
  cotangent: Value,
  attributes: ConvolutionGeometry & { filterShape: readonly number[] },
): Value => x.builder.call('conv2dFilterGradient', [x, cotangent], attributes);

/** Every cell repeated `factor` × `factor` times. */
export const upsampleNearest = (x: Value, factor: number): Value => x.builder.call('upsampleNearest', [x], { factor });
/** The sum over disjoint `factor` × `factor` windows. */
export const sumPool = (x: Value, factor: number): Value => x.builder.call('sumPool', [x], { factor });

/** Runs of `factor`² channels spread over space: [N, C·f², H, W] → [N, C, H·f, W·f], out[c, y·f + i, x·f + j] = in[c·f² + i·f + j, y, x]. */
export const pixelShuffle = (x: Value, factor: number): Value => x.builder.call('pixelShuffle', [x], { factor });
/** The inverse of `pixelShuffle`: [N, C, H·f, W·f] → [N, C·f², H, W]. */
export const pixelUnshuffle = (x: Value, factor: number): Value => x.builder.call('pixelUnshuffle', [x], { factor });

/** Rows of `table` [V, D] at `indices` [...] → [..., D]. */
export const gather = (table: Value, indices: Value): Value => table.builder.call('gather', [table, indices], {});
/** `rows` [..., D] added into a zero table [size, D] at `indices` [...]. */
export const scatterAdd = (indices: Value, rows: Value, size: number): Value =>
  indices.builder.call('scatterAdd', [indices, rows], { size });
/** `indices` [...] → [..., depth] with a 1 at the index. */
export const oneHot = (indices: Value, depth: number): Value => indices.builder.call('oneHot', [indices], { depth });
/** Index of the largest value of the last axis (the first of equals), int64. */
export const argmax = (x: Value): Value => x.builder.call('argmax', [x], {});
/** The values as another element type. */
export const cast = (x: Value, dtype: DType): Value => (x.dtype === dtype ? x : x.builder.call('cast', [x], { dtype }));

/** The same padding on all four sides. */
export const evenPadding = (cells: number): Padding => [cells, cells, cells, cells];
