import { check } from '../errors.js';
import type { Operation, Value } from './program.js';
import type { PrimitiveAttributes, PrimitiveName } from './primitives.js';
import type { Shape } from './shape.js';
import {
  add,
  broadcast,
  cast,
  constant,
  conv2d,
  conv2dFilterGradient,
  conv2dInputGradient,
  cos,
  div,
  erf,
  exp,
  gather,
  greater,
  inverseDeviation,
  matmul,
  mean,
  mul,
  neg,
  pad,
  pixelShuffle,
  pixelUnshuffle,
  reshape,
  scatterAdd,
  sigmoid,
  sin,
  slice,
  sub,
  sum,
  sumPool,
  swapLast,
  transpose,
  upsampleNearest,
} from './ops.js';

/** Operands and result of a call, and the gradient of the loss for the result (cotangent). */
export interface GradientContext<Name extends PrimitiveName> {
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly cotangent: Value;
  readonly attributes: PrimitiveAttributes[Name];
}

/** Gradients of the loss for each operand; null where none flows. */
type GradientRule<Name extends PrimitiveName> = (context: GradientContext<Name>) => readonly (Value | null)[];

const at = (values: readonly Value[], index: number): Value => values[index] as Value;

/** Sums a gradient over the axes along which its operand was broadcast. */
function unbroadcast(gradient: Value, shape: Shape): Value {
  const offset = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((dim, i) => (i < offset || (shape[i - offset] === 1 && dim !== 1) ? [i] : []));
  return reshape(sum(gradient, axes), shape);
}

/** A rule for f(x): the cotangent times f′, from the operand and the result. */
const pointwise =
  <Name extends PrimitiveName>(derivative: (x: Value, y: Value) => Value): GradientRule<Name> =>
  ({ inputs, output, cotangent }) => [mul(cotangent, derivative(at(inputs, 0), output))];

const none = (): readonly null[] => [null, null];

function matmulRule({ inputs, cotangent }: GradientContext<'matmul'>): readonly Value[] {
  const [a, b] = [at(inputs, 0), at(inputs, 1)];
  const forA = unbroadcast(matmul(cotangent, swapLast(b)), a.shape);
  if (b.shape.length > 2) return [forA, unbroadcast(matmul(swapLast(a), cotangent), b.shape)];
  // One matrix for the whole batch: its gradient is a single product over all rows instead of a sum of many.
  const rows = (x: Value): Value => reshape(x, [-1, x.shape.at(-1) as number]);
  const [left, right] = [rows(a), rows(cotangent)];
  // Where b is a weight [out, in] turned round, so is its gradient; the narrower of the two factors is then the one to turn before.
  const isTurned = b.builder.producer(b)?.primitive === 'transpose';
  const isNarrower = (right.shape[1] as number) <= (left.shape[1] as number);
  const forB = isTurned && isNarrower ? swapLast(matmul(swapLast(right), left)) : matmul(swapLast(left), right);
  return [forA, forB];
}

/** The cotangent padded with zeros to the size of the operand, which must be known. */
function cropLikeRule({ inputs, cotangent }: GradientContext<'cropLike'>): readonly (Value | null)[] {
  const padded = [2, 3].reduce((gradient, axis) => {
    const [size, kept] = [at(inputs, 0).shape[axis], cotangent.shape[axis]];
    check(typeof size === 'number' && typeof kept === 'number', {
      operation: 'cropLike',
      rule: 'a gradient needs known height and width',
      value: `${size} → ${kept}`,
    });
    return pad(gradient, { axis, before: 0, after: size - kept });
  }, cotangent);
  return [padded, null];
}

/** Gradients of each primitive for its operands, written with primitives, so that they can be differentiated again. */
export const gradientRules: { readonly [Name in PrimitiveName]: GradientRule<Name> } = {
  constant: () => [],
  add: ({ inputs, cotangent }) => inputs.map((input) => unbroadcast(cotangent, input.shape)),
  sub: ({ inputs, cotangent }) => [
    unbroadcast(cotangent, at(inputs, 0).shape),
    unbroadcast(neg(cotangent), at(inputs, 1).shape),
  ],
  mul: ({ inputs, cotangent }) => [
    unbroadcast(mul(cotangent, at(inputs, 1)), at(inputs, 0).shape),
    unbroadcast(mul(cotangent, at(inputs, 0)), at(inputs, 1).shape),
  ],
  div: ({ inputs, output, cotangent }) => {
    const scaled = div(cotangent, at(inputs, 1));
    return [unbroadcast(scaled, at(inputs, 0).shape), unbroadcast(neg(mul(scaled, output)), at(inputs, 1).shape)];
  },
  greater: none,
  neg: ({ cotangent }) => [neg(cotangent)],
  exp: pointwise((_, y) => y),
  log: ({ inputs, cotangent }) => [div(cotangent, at(inputs, 0))],
  sqrt: ({ output, cotangent }) => [div(mul(cotangent, 0.5), output)],
  sin: pointwise((x) => cos(x)),
  cos: pointwise((x) => neg(sin(x))),
  tanh: pointwise((_, y) => sub(1, mul(y, y))),
  // erf′(x) = 2/√π · exp(−x²)
  erf: pointwise((x) => mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
  sigmoid: pointwise((_, y) => mul(y, sub(1, y))),
  // (x·σ)′ = σ + y·(1 − σ)
  relu: pointwise((x) => greater(x, 0)),
  silu: pointwise((x, y) => {
    const s = sigmoid(x);
    return add(s, mul(y, sub(1, s)));
  }),
  // (x·Φ)′ = Φ + x·φ
  gelu: pointwise((x) => {
    const cumulative = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
    const density = mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return add(cumulative, mul(x, density));
  }),
  sum: ({ inputs, cotangent }) => [broadcast(cotangent, at(inputs, 0).shape)],
  max: ({ inputs, output, cotangent, attributes }) => {
    const isTop = sub(1, greater(output, at(inputs, 0)));
    return [mul(isTop, div(cotangent, sum(isTop, [attributes.axis])))];
  },
  softmax: ({ output, cotangent }) => {
    const weighted = mul(cotangent, output);
    return [sub(weighted, mul(output, sum(weighted, [-1])))];
  },
  // y = (x − m)·r: dx = r·(g − mean(g) − y·mean(g·y))
  standardize: ({ inputs, output: y, cotangent: g, attributes }) => {
    const centred = sub(g, mean(g, [-1]));
    return [mul(sub(centred, mul(y, mean(mul(g, y), [-1]))), inverseDeviation(at(inputs, 0), attributes.epsilon))];
  },
  // r = (v + ε)^−½: dr/dx = −r³·(x − m)/N
  inverseDeviation: ({ inputs, output: r, cotangent }) => {
    const x = at(inputs, 0);
    const factor = mul(mul(r, mul(r, r)), mul(cotangent, -1 / (x.shape.at(-1) as number)));
    return [mul(sub(x, mean(x, [-1])), factor)];
  },
  reshape: ({ inputs, cotangent }) => [reshape(cotangent, at(inputs, 0).shape)],
  transpose: ({ cotangent, attributes: { permutation } }) => [
    transpose(
      cotangent,
      permutation.map((_, i) => permutation.indexOf(i)),
    ),
  ],
  broadcast: ({ inputs, cotangent }) => [unbroadcast(cotangent, at(inputs, 0).shape)],
  concat: ({ inputs, cotangent, attributes: { axis } }) => {
    let begin = 0;
    return inputs.map((input) => {
      const size = input.shape[axis] as number;
      const part = slice(cotangent, { axis, begin, end: begin + size });
      begin += size;
      return part;
    });
  },
  slice: ({ inputs, cotangent, attributes: { axis, begin, end } }) => [
    pad(cotangent, { axis, before: begin, after: (at(inputs, 0).shape[axis] as number) - end }),
  ],
  pad: ({ inputs, cotangent, attributes: { axis, before } }) => [
    slice(cotangent, { axis, begin: before, end: before + (at(inputs, 0).shape[axis] as number) }),
  ],
  cropLike: cropLikeRule,
  matmul: matmulRule,
  conv2d: ({ inputs, cotangent, attributes }) => [
    conv2dInputGradient(cotangent, at(inputs, 1), { ...attributes, inputShape: at(inputs, 0).shape }),
    conv2dFilterGradient(at(inputs, 0), cotangent, {
      ...attributes,
      filterShape: at(inputs, 1).shape as readonly number[],
    }),
    ...inputs.slice(2).map((bias) => reshape(sum(cotangent, [0, 2, 3]), bias.shape)),
  ],
  conv2dInputGradient: ({ inputs, cotangent, attributes: { stride, padding } }) => [
    conv2d(cotangent, at(inputs, 1), { stride, padding }),
    conv2dFilterGradient(cotangent, at(inputs, 0), {
      stride,
      padding,
      filterShape: at(inputs, 1).shape as readonly number[],
    }),
  ],
  conv2dFilterGradient: ({ inputs, cotangent, attributes: { stride, padding } }) => [
    conv2dInputGradient(at(inputs, 1), cotangent, { stride, padding, inputShape: at(inputs, 0).shape }),
    conv2d(at(inputs, 0), cotangent, { stride, padding }),
  ],
  upsampleNearest: ({ cotangent, attributes: { factor } }) => [sumPool(cotangent, factor)],
  sumPool: ({ cotangent, attributes: { factor } }) => [upsampleNearest(cotangent, factor)],
  pixelShuffle: ({ cotangent, attributes: { factor } }) => [pixelUnshuffle(cotangent, factor)],
  pixelUnshuffle: ({ cotangent, attributes: { factor } }) => [pixelShuffle(cotangent, factor)],
  gather: ({ inputs, cotangent }) => [scatterAdd(at(inputs, 1), cotangent, at(inputs, 0).shape[0] as number), null],
  scatterAdd: ({ inputs, cotangent }) => [null, gather(cotangent, at(inputs, 0))],
  oneHot: none,
  argmax: none,
  cast: ({ inputs, cotangent }) => [
    at(inputs, 0).dtype === 'float32' || at(inputs, 0).dtype === 'float16'
      ? cast(cotangent, at(inputs, 0).dtype)
      : null,
  ],
  stopGradient: none,
};

/** Applies the rule of one call. */
export function applyGradientRule<Name extends PrimitiveName>(
  operation: Operation & { primitive: Name },
  context: GradientContext<Name>,
): readonly (Value | null)[] {
  return (gradientRules[operation.primitive] as GradientRule<Name>)(context);
}

/** A constant 1 of the loss's shape: where back-propagation starts. */
export const seedCotangent = (loss: Value): Value => broadcast(constant(loss, [1]), loss.shape);
