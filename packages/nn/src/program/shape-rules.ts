import { LascauxError, check } from '../errors.js';
import type { PrimitiveAttributes, PrimitiveName } from './primitives.js';
import type { DType, Dim, Shape } from './shape.js';
import { axisOf, broadcastShapes, convolvedDim, productOf, sameShape, sumOf } from './shape.js';

/** Shape and dtype of an operand or result. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

type ShapeRule<Name extends PrimitiveName> = (
  inputs: readonly TensorType[],
  attributes: PrimitiveAttributes[Name],
  name: string,
) => TensorType;

function operand(inputs: readonly TensorType[], index: number, name: string): TensorType {
  const input = inputs[index];
  if (input === undefined) throw new LascauxError({ operation: name, rule: 'too few operands', value: inputs.length });
  return input;
}

const elementwise = (inputs: readonly TensorType[], _: unknown, name: string): TensorType => operand(inputs, 0, name);

const binary = (inputs: readonly TensorType[], _: unknown, name: string): TensorType => {
  const [a, b] = [operand(inputs, 0, name), operand(inputs, 1, name)];
  check(a.dtype === b.dtype, {
    operation: name,
    rule: 'both operands must have one dtype',
    value: `${a.dtype} and ${b.dtype}`,
  });
  return { shape: broadcastShapes(name, a.shape, b.shape), dtype: a.dtype };
};

/** Replaces one axis. */
const withAxis = (shape: Shape, axis: number, dim: Dim): Shape => shape.map((old, i) => (i === axis ? dim : old));

const featureMap = (name: string, input: TensorType): readonly [Dim, Dim, Dim, Dim] => {
  const [n, c, h, w] = input.shape;
  check(input.shape.length === 4, {
    operation: name,
    rule: 'a feature map has 4 axes [batch, channels, height, width]',
    value: `[${input.shape.join(', ')}]`,
  });
  return [n as Dim, c as Dim, h as Dim, w as Dim];
};

const scale = (dim: Dim, factor: number): Dim => (typeof dim === 'number' ? dim * factor : `${dim}*${factor}`);

/** Shape and dtype of every primitive's result; each throws a LascauxError that names the primitive and the shapes. */
export const shapeRules: { readonly [Name in PrimitiveName]: ShapeRule<Name> } = {
  constant: (_, { shape, dtype }) => ({ shape, dtype }),
  add: binary,
  sub: binary,
  mul: binary,
  div: binary,
  greater: (inputs, attributes, name) => ({ ...binary(inputs, attributes, name), dtype: 'float32' }),
  neg: elementwise,
  exp: elementwise,
  log: elementwise,
  sqrt: elementwise,
  sin: elementwise,
  cos: elementwise,
  tanh: elementwise,
  erf: elementwise,
  sigmoid: elementwise,
  relu: elementwise,
  silu: elementwise,
  gelu: elementwise,
  softmax: elementwise,
  standardize: elementwise,
  stopGradient: elementwise,
  inverseDeviation: (inputs, _, name) => {
    const { shape, dtype } = operand(inputs, 0, name);
    return { shape: withAxis(shape, shape.length - 1, 1), dtype };
  },
  sum: (inputs, { axes }, name) => {
    const { shape, dtype } = operand(inputs, 0, name);
    const reduced = new Set(axes.map((axis) => axisOf(name, axis, shape.length)));
    return { shape: shape.map((dim, i) => (reduced.has(i) ? 1 : dim)), dtype };
  },
  max: (inputs, { axis }, name) => {
    const { shape, dtype } = operand(inputs, 0, name);
    return { shape: withAxis(shape, axisOf(name, axis, shape.length), 1), dtype };
  },
  reshape: (inputs, { shape }, name) => {
    const from = operand(inputs, 0, name);
    check(
      shape.every((dim) => typeof dim === 'string' || (Number.isInteger(dim) && dim >= 0)),
      { operation: name, rule: 'every size must be a whole number', value: `[${shape.join(', ')}]` },
    );
    const [before, after] = [productOf(from.shape), productOf(shape)];
    const known = typeof before === 'number' && typeof after === 'number';
    check(!known || before === after, {
      operation: name,
      rule: 'the number of elements must stay',
      value: `[${from.shape.join(', ')}] → [${shape.join(', ')}]`,
    });
    return { shape, dtype: from.dtype };
  },
  transpose: (inputs, { permutation }, name) => {
    const { shape, dtype } = operand(inputs, 0, name);
    const valid = permutation.length === shape.length && new Set(permutation).size === shape.length;
    check(valid, {
      operation: name,
      rule: `the permutation must list ${shape.length} axes once each`,
      value: `[${permutation.join(', ')}]`,
    });
    return { shape: permutation.map((axis) => shape[axisOf(name, axis, shape.length)] as Dim), dtype };
  },
  broadcast: (inputs, { shape }, name) => {
    const from = operand(inputs, 0, name);
    const result = broadcastShapes(name, from.shape, shape);
    check(sameShape(result, shape), {
      operation: name,
      rule: 'the shape must broadcast to the target',
      value: `[${from.shape.join(', ')}] → [${shape.join(', ')}]`,
    });
    return { shape, dtype: from.dtype };
  },
  concat: (inputs, { axis }, name) => {
    const { shape, dtype } = operand(inputs, 0, name);
    const along = axisOf(name, axis, shape.length);
    for (const input of inputs) {
      const fits =
        input.shape.length === shape.length &&
        input.shape.every(
          (size, i) => i === along || size === shape[i] || typeof size === 'string' || typeof shape[i] === 'string',
        );
      check(fits, {
        operation: name,
        rule: `shapes must agree outside axis ${along}`,
        value: inputs.map((x) => `[${x.shape.join(', ')}]`).join(' and '),
      });
    }
    return { shape: withAxis(shape, along, sumOf(inputs.map((input) => input.shape[along] as Dim))), dtype };
  },
  slice: (inputs, { axis, begin, end }, name) => {
    const { shape, dtype } = operand(inputs, 0, name);
    const along = axisOf(name, axis, shape.length);
    const size = shape[along] as Dim;
    const fits = begin >= 0 && end > begin && (typeof size === 'string' || end <= size);
    check(fits, {
      operation: name,
      rule: `[begin, end) must lie within axis ${along} of size ${size}`,
      value: `[${begin}, ${end})`,
    });
    return { shape: withAxis(shape, along, end - begin), dtype };
  },
  pad: (inputs, { axis, before, after }, name) => {
    const { shape, dtype } = operand(inputs, 0, name);
    const along = axisOf(name, axis, shape.length);
    const size = shape[along] as Dim;
    return {
      shape: withAxis(shape, along, typeof size === 'number' ? size + before + after : `(${size}+${before + after})`),
      dtype,
    };
  },
  cropLike: (inputs, _, name) => {
    const [x, like] = [operand(inputs, 0, name), operand(inputs, 1, name)];
    const [n, c, height, width] = featureMap(name, x);
    const [, , h, w] = featureMap(name, like);
    const isLarger = (size: Dim, wanted: Dim): boolean =>
      typeof size === 'string' || typeof wanted === 'string' || size >= wanted;
    check(isLarger(height, h) && isLarger(width, w), {
      operation: name,
      rule: `a map of ${height} × ${width} has no part of that size`,
      value: `${h} × ${w}`,
    });
    return { shape: [n, c, h, w], dtype: x.dtype };
  },
  matmul: (inputs, _, name) => {
    const [a, b] = [operand(inputs, 0, name), operand(inputs, 1, name)];
    const fits = a.shape.length >= 2 && b.shape.length >= 2 && a.shape.at(-1) === b.shape.at(-2);
    check(fits, {
      operation: name,
      rule: 'the inner sizes must agree',
      value: `[${a.shape.join(', ')}] · [${b.shape.join(', ')}]`,
    });
    const batch = broadcastShapes(name, a.shape.slice(0, -2), b.shape.slice(0, -2));
    return { shape: [...batch, a.shape.at(-2) as Dim, b.shape.at(-1) as Dim], dtype: a.dtype };
  },
  conv2d: (inputs, { stride, padding }, name) => {
    const [x, filter] = [operand(inputs, 0, name), operand(inputs, 1, name)];
    const [n, c, h, w] = featureMap(name, x);
    const [k, fc, fh, fw] = filter.shape as readonly number[];
    check(fc === c, {
      operation: name,
      rule: `the filter must take ${c} channels`,
      value: `[${filter.shape.join(', ')}]`,
    });
    const bias = inputs[2];
    check(bias === undefined || sameShape(bias.shape, [k as number]), {
      operation: name,
      rule: `the bias must have shape [${k}]`,
      value: `[${bias?.shape.join(', ')}]`,
    });
    const height = convolvedDim({ size: h, kernel: fh as number, stride, padding: padding[0] + padding[2] });
    const width = convolvedDim({ size: w, kernel: fw as number, stride, padding: padding[1] + padding[3] });
    return { shape: [n, k as number, height, width], dtype: x.dtype };
  },
  conv2dInputGradient: (inputs, { inputShape }, name) => ({ shape: inputShape, dtype: operand(inputs, 0, name).dtype }),
  conv2dFilterGradient: (inputs, { filterShape }, name) => ({
    shape: filterShape,
    dtype: operand(inputs, 0, name).dtype,
  }),
  upsampleNearest: (inputs, { factor }, name) => {
    const input = operand(inputs, 0, name);
    const [n, c, h, w] = featureMap(name, input);
    return { shape: [n, c, scale(h, factor), scale(w, factor)], dtype: input.dtype };
  },
  sumPool: (inputs, { factor }, name) => {
    const input = operand(inputs, 0, name);
    const [n, c, h, w] = featureMap(name, input);
    const whole = typeof h === 'number' && typeof w === 'number' && h % factor === 0 && w % factor === 0;
    check(whole, {
      operation: name,
      rule: `height and width must be known multiples of ${factor}`,
      value: `${h} × ${w}`,
    });
    return { shape: [n, c, h / factor, w / factor], dtype: input.dtype };
  },
  pixelShuffle: (inputs, { factor }, name) => {
    const input = operand(inputs, 0, name);
    const [n, c, h, w] = featureMap(name, input);
    check(typeof c === 'number' && c % factor ** 2 === 0, {
      operation: name,
      rule: `channels must be a multiple of ${factor ** 2}`,
      value: c,
    });
    return { shape: [n, c / factor ** 2, scale(h, factor), scale(w, factor)], dtype: input.dtype };
  },
  pixelUnshuffle: (inputs, { factor }, name) => {
    const input = operand(inputs, 0, name);
    const [n, c, h, w] = featureMap(name, input);
    const fits = (size: Dim): boolean => typeof size === 'string' || size % factor === 0;
    check(typeof c === 'number' && fits(h) && fits(w), {
      operation: name,
      rule: `height and width must be multiples of ${factor}`,
      value: `${h} × ${w}`,
    });
    const part = (size: Dim): Dim => (typeof size === 'number' ? size / factor : `(${size}/${factor})`);
    return { shape: [n, c * factor ** 2, part(h), part(w)], dtype: input.dtype };
  },
  gather: (inputs, _, name) => {
    const [table, indices] = [operand(inputs, 0, name), operand(inputs, 1, name)];
    check(indices.dtype === 'int64' || indices.dtype === 'int32', {
      operation: name,
      rule: 'indices must be integers',
      value: indices.dtype,
    });
    return { shape: [...indices.shape, ...table.shape.slice(1)], dtype: table.dtype };
  },
  scatterAdd: (inputs, { size }, name) => {
    const [indices, rows] = [operand(inputs, 0, name), operand(inputs, 1, name)];
    return { shape: [size, ...rows.shape.slice(indices.shape.length)], dtype: rows.dtype };
  },
  oneHot: (inputs, { depth }, name) => ({ shape: [...operand(inputs, 0, name).shape, depth], dtype: 'float32' }),
  argmax: (inputs, _, name) => ({ shape: operand(inputs, 0, name).shape.slice(0, -1), dtype: 'int64' }),
  cast: (inputs, { dtype }, name) => ({ shape: operand(inputs, 0, name).shape, dtype }),
};
