import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { PrimitiveName } from '../program/primitives.js';
import type { Tfjs } from './backends.js';
import type { Emission } from './call.js';
import { fourSizes } from './call.js';
import { runConvolution, runFilterGradient, runInputGradient } from './convolution.js';
import { roundToHalf } from './half-precision.js';
import { runMatrixProduct } from './matrix-product.js';
import { storedAs } from './tensor.js';

/** Mean and variance over the last axis. */
function centred(tf: Tfjs, x: Tensor, epsilon: number): { readonly difference: Tensor; readonly inverse: Tensor } {
  const difference = tf.sub(x, tf.mean(x, -1, true));
  return { difference, inverse: tf.rsqrt(tf.add(tf.mean(tf.square(difference), -1, true), epsilon)) };
}

/** How each primitive runs on tfjs; feature maps arrive in the layout that `layouts.ts` names. */
export const tfjsEmissions: { readonly [Name in PrimitiveName]: Emission<Name> } = {
  constant: (tf, { attributes: { values, dtype }, shape }) => tf.tensor([...values], [...shape], storedAs[dtype]),
  add: (tf, { x, y }) => tf.add(x, y),
  sub: (tf, { x, y }) => tf.sub(x, y),
  mul: (tf, { x, y }) => tf.mul(x, y),
  div: (tf, { x, y }) => tf.div(x, y),
  greater: (tf, { x, y }) => tf.cast(tf.greater(x, y), 'float32'),
  neg: (tf, { x }) => tf.neg(x),
  exp: (tf, { x }) => tf.exp(x),
  log: (tf, { x }) => tf.log(x),
  sqrt: (tf, { x }) => tf.sqrt(x),
  sin: (tf, { x }) => tf.sin(x),
  cos: (tf, { x }) => tf.cos(x),
  tanh: (tf, { x }) => tf.tanh(x),
  erf: (tf, { x }) => tf.erf(x),
  sigmoid: (tf, { x }) => tf.sigmoid(x),
  relu: (tf, { x }) => tf.relu(x),
  silu: (tf, { x }) => tf.mul(x, tf.sigmoid(x)),
  gelu: (tf, { x }) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  stopGradient: (tf, { x }) => tf.clone(x),
  sum: (tf, { x, attributes: { axes } }) => tf.sum(x, [...axes], true),
  max: (tf, { x, attributes: { axis } }) => tf.max(x, axis, true),
  softmax: (tf, { x }) => tf.softmax(x),
  standardize: (tf, { x, attributes: { epsilon } }) => {
    const { difference, inverse } = centred(tf, x, epsilon);
    return tf.mul(difference, inverse);
  },
  inverseDeviation: (tf, { x, attributes: { epsilon } }) => centred(tf, x, epsilon).inverse,
  reshape: (tf, { x, shape }) => tf.reshape(x, [...shape]),
  transpose: (tf, { x, attributes: { permutation } }) => tf.transpose(x, [...permutation]),
  broadcast: (tf, { x, shape }) => tf.broadcastTo(x, [...shape]),
  concat: (tf, { inputs, attributes: { axis } }) => tf.concat([...inputs], axis),
  slice: (tf, { x, attributes: { axis, begin, end } }) =>
    tf.slice(
      x,
      x.shape.map((_, i) => (i === axis ? begin : 0)),
      x.shape.map((size, i) => (i === axis ? end - begin : size)),
    ),
  pad: (tf, { x, attributes: { axis, before, after } }) =>
    tf.pad(
      x,
      x.shape.map((_, i) => (i === axis ? [before, after] : [0, 0])),
    ),
  cropLike: (tf, { x, shape: [n, c, h, w] }) => tf.slice(x, [0, 0, 0, 0], [n!, h!, w!, c!]),
  matmul: runMatrixProduct,
  conv2d: runConvolution,
  conv2dInputGradient: runInputGradient,
  conv2dFilterGradient: runFilterGradient,
  upsampleNearest: (tf, { x, attributes: { factor } }) => {
    const [n, h, w, c] = fourSizes(x.shape);
    const repeated = tf.tile(tf.reshape(x, [n * h, 1, w, 1, c]), [1, factor, 1, factor, 1]);
    return tf.reshape(repeated, [n, h * factor, w * factor, c]);
  },
  sumPool: (tf, { x, attributes: { factor } }) =>
    factor === 1 ? tf.clone(x) : tf.mul(tf.avgPool(x as Tensor4D, factor, factor, 'valid'), factor * factor),
  pixelShuffle: (tf, { x, attributes: { factor }, shape }) => {
    const [n, h, w, c] = fourSizes(x.shape);
    const cells = tf.reshape(x, [n * h, w, c / factor ** 2, factor, factor]);
    const rows = tf.transpose(cells, [0, 3, 1, 4, 2]);
    return tf.reshape(rows, [shape[0]!, shape[2]!, shape[3]!, shape[1]!]);
  },
  pixelUnshuffle: (tf, { x, attributes: { factor }, shape }) => {
    const [n, h, w, c] = fourSizes(x.shape);
    const windows = tf.reshape(x, [(n * h) / factor, factor, w / factor, factor, c]);
    const gathered = tf.transpose(windows, [0, 2, 4, 1, 3]);
    return tf.reshape(gathered, [shape[0]!, shape[2]!, shape[3]!, shape[1]!]);
  },
  gather: (tf, { x: table, y: indices, shape }) => tf.reshape(tf.gather(table, tf.reshape(indices, [-1])), [...shape]),
  scatterAdd: (tf, { x: indices, y: rows, shape }) => {
    const width = shape.slice(1);
    return tf.scatterND(tf.reshape(indices, [-1, 1]), tf.reshape(rows, [-1, ...width]), [...shape]);
  },
  // The WASM kernel writes integers whatever dtype is asked for.
  oneHot: (tf, { x, attributes: { depth }, shape }) =>
    tf.reshape(tf.cast(tf.oneHot(tf.reshape(x, [-1]), depth, 1, 0, 'int32'), 'float32'), [...shape]),
  argmax: (tf, { x }) => tf.argMax(x, -1),
  cast: (tf, { x, attributes: { dtype } }) => {
    if (dtype === 'float16') return roundToHalf(tf, tf.cast(x, 'float32'));
    const stored = storedAs[dtype];
    return x.dtype === stored ? tf.clone(x) : tf.cast(x, stored);
  },
};
