import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import { tfjsEngine } from '@lascaux/nn/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Case } from './cases.js';
import { caseProgram, operandsOf, runOnce, weightsOf, worstError } from './harness.js';

/** The same function twice: over our primitives, and over tfjs with its own gradients. */
interface Twin extends Case {
  readonly twin: (...tensors: Tensor[]) => Tensor;
}

const nhwc = (x: Tensor): Tensor4D => tf.transpose(x as Tensor4D, [0, 2, 3, 1]);
const hwio = (x: Tensor): Tensor4D => tf.transpose(x as Tensor4D, [2, 3, 1, 0]);
const nchw = (x: Tensor): Tensor => tf.transpose(x, [0, 3, 1, 2]);

const twins: Readonly<Record<string, Twin>> = {
  'two layers with a GELU': {
    operands: [{ shape: [3, 4] }, { shape: [4, 5] }, { shape: [5] }, { shape: [5, 2] }],
    body: (x, a, b, c) => ops.matmul(ops.gelu(ops.add(ops.matmul(x, a), b)), c),
    twin: (x, a, b, c) => {
      const hidden = tf.add(tf.matMul(x, a), b);
      const cumulative = tf.mul(tf.add(tf.erf(tf.div(hidden, Math.SQRT2)), 1), 0.5);
      return tf.matMul(tf.mul(hidden, cumulative), c);
    },
  },
  attention: {
    operands: [{ shape: [2, 3, 4] }, { shape: [2, 5, 4] }, { shape: [2, 5, 4] }],
    body: (q, k, v) => ops.matmul(ops.softmax(ops.mul(ops.matmul(q, ops.swapLast(k)), 0.5)), v),
    twin: (q, k, v) => tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), 0.5)), v),
  },
  'layer norm': {
    operands: [{ shape: [3, 8] }, { shape: [8] }],
    body: (x, scale) => ops.mul(ops.standardize(x, 1e-3), scale),
    twin: (x, scale) => {
      const { mean, variance } = tf.moments(x, -1, true);
      return tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3))), scale);
    },
  },
  'convolutions with a SiLU, stride 2': {
    operands: [{ shape: [2, 3, 6, 6] }, { shape: [4, 3, 3, 3] }, { shape: [2, 4, 3, 3] }],
    body: (x, w, v) => {
      const hidden = ops.silu(ops.conv2d(x, w, { stride: 1, padding: [1, 1, 1, 1] }));
      return ops.conv2d(hidden, v, { stride: 2, padding: [0, 0, 1, 1] });
    },
    twin: (x, w, v) => {
      const map = tf.conv2d(nhwc(x), hwio(w), 1, 'same');
      return nchw(tf.conv2d(tf.mul<Tensor4D>(map, tf.sigmoid(map)), hwio(v), 2, 'same'));
    },
  },
  'embedding and log-sum-exp': {
    operands: [{ shape: [6, 4] }, { shape: [2, 5], draw: { below: 6 } }],
    body: (table: Value, rows: Value) => ops.logSumExp(ops.gather(table, rows)),
    twin: (table, rows) => tf.logSumExp(tf.gather(table, rows), -1, true),
  },
};

let before: number;
beforeAll(async () => {
  await tfjsEngine({ backend: 'cpu' });
  before = tf.memory().numTensors;
});
afterAll(() => {
  expect(tf.memory().numTensors).toBe(before);
});

test.each(Object.entries(twins))("gradients are those of tfjs's own differentiation: %s", async (_, twin) => {
  const engine = await tfjsEngine({ backend: 'cpu' });
  const shapes = twin.operands.map(({ shape }) => shape);
  const operands = operandsOf(twin);
  const found = await runOnce(engine, caseProgram(twin), operands, shapes);
  const floats = operands.flatMap((data, i) => (data instanceof Float32Array ? [i] : []));
  const expected = tf.tidy(() => {
    const tensors = operands.map((data, i) =>
      data instanceof BigInt64Array
        ? tf.tensor(Int32Array.from(data, Number), [...shapes[i]!], 'int32')
        : tf.tensor(data as Float32Array, [...shapes[i]!]),
    );
    const loss = (...given: Tensor[]): Tensor => {
      const all = tensors.map((tensor, i) => given[floats.indexOf(i)] ?? tensor);
      const result = twin.twin(...all);
      return tf.sum(tf.mul(result, tf.tensor(weightsOf(result.shape), result.shape)));
    };
    return tf
      .grads(loss as (...args: Tensor[]) => tf.Scalar)(floats.map((i) => tensors[i] as Tensor))
      .map((gradient) => gradient.dataSync() as Float32Array);
  });
  floats.forEach((i, position) => {
    expect(worstError(expected[position] as Float32Array, found[`d${i}`] as Float32Array)).toBeLessThan(1e-5);
  });
});
