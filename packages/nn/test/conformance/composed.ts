import type { Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import type { Case } from './cases.js';

const map = { shape: [2, 4, 6, 6] };
const filter = { shape: [4, 4, 3, 3] };
const bias = { shape: [1, 4, 1, 1] };
const same = { stride: 1, padding: [1, 1, 1, 1] } as const;
const half = { stride: 2, padding: [1, 1, 1, 1] } as const;

const convolved = (x: Value, w: Value): Value => ops.conv2d(x, w, same);

/** Functions of several primitives, where one engine's shortcuts (layouts, freed values, fused operators) meet. */
export const composed: Readonly<Record<string, Case>> = {
  'convolution, bias, activation, convolution': {
    operands: [map, filter, bias, filter],
    body: (x, w, b, v) => convolved(ops.silu(ops.add(convolved(x, w), b)), v),
  },
  'bias without a batch axis': {
    operands: [map, filter, { shape: [4, 1, 1] }],
    body: (x, w, b) => ops.mul(ops.add(convolved(x, w), b), 3),
  },
  'two maps side by side': {
    operands: [map, filter, map, { shape: [3, 8, 3, 3] }],
    body: (x, w, y, v) => ops.conv2d(ops.concat([convolved(x, w), y], 1), v, half),
  },
  'cut and padded channels and rows': {
    operands: [map, filter],
    body: (x, w) => {
      const part = ops.slice(ops.slice(convolved(x, w), { axis: 1, begin: 1, end: 3 }), { axis: 2, begin: 0, end: 4 });
      return ops.pad(ops.pad(part, { axis: 3, before: 1, after: 2 }), { axis: 1, before: 0, after: 1 });
    },
  },
  'sums and maxima of a convolution': {
    operands: [map, filter],
    body: (x, w) => {
      const y = convolved(x, w);
      return ops.add(ops.add(ops.sum(y, [0, 2, 3]), ops.max(y, 1)), ops.sum(y, [3]));
    },
  },
  'a convolution used twice, as a map and as a matrix': {
    operands: [map, filter],
    body: (x, w) => {
      const y = convolved(x, w);
      return ops.add(ops.matmul(y, ops.swapLast(y)), ops.conv2d(y, w, same));
    },
  },
  'tokens of a convolution': {
    operands: [map, filter],
    body: (x, w) => ops.transpose(ops.reshape(convolved(x, w), [2, 4, 36]), [0, 2, 1]),
  },
  'up and down again': {
    operands: [map, filter],
    body: (x, w) => ops.sumPool(ops.upsampleNearest(ops.tanh(convolved(x, w)), 3), 2),
  },
  'stride 2 without the last row and column': {
    operands: [{ shape: [1, 2, 6, 7] }, { shape: [3, 2, 3, 3] }],
    body: (x, w) => ops.conv2d(x, w, { stride: 2, padding: [0, 0, 0, 0] }),
  },
  'more padding than the filter needs': {
    operands: [{ shape: [1, 2, 4, 4] }, { shape: [3, 2, 2, 2] }],
    body: (x, w) => ops.conv2d(x, w, { stride: 1, padding: [2, 0, 1, 3] }),
  },
  'a filter of even size with stride 1': {
    operands: [{ shape: [1, 2, 5, 5] }, { shape: [3, 2, 4, 2] }],
    body: (x, w) => ops.conv2d(x, w, { stride: 1, padding: [1, 0, 2, 1] }),
  },
  'group normalisation': { operands: [map], body: (x) => ops.standardize(ops.reshape(x, [2, 2, 72]), 1e-5) },
  'attention over heads': {
    operands: [{ shape: [2, 3, 5, 4] }, { shape: [2, 3, 7, 4] }, { shape: [2, 3, 7, 4] }],
    body: (query, key, value) => ops.matmul(ops.softmax(ops.mul(ops.matmul(query, ops.swapLast(key)), 0.5)), value),
  },
  'one matrix times a batch': { operands: [{ shape: [3, 4] }, { shape: [2, 5, 4, 2] }], body: ops.matmul },
  'a batch of one times a batch': { operands: [{ shape: [1, 3, 4] }, { shape: [2, 4, 2] }], body: ops.matmul },
  'a batch times a batch of one': { operands: [{ shape: [2, 5, 3, 4] }, { shape: [1, 1, 4, 2] }], body: ops.matmul },
  'five axes in another order': {
    operands: [{ shape: [2, 3, 2, 4, 2] }],
    body: (x) => ops.transpose(x, [4, 2, 0, 3, 1]),
  },
  'six axes in another order': {
    operands: [{ shape: [2, 1, 3, 2, 2, 2] }],
    body: (x) => ops.transpose(ops.mul(x, x), [0, 3, 5, 1, 4, 2]),
  },
  'patches of six axes': {
    operands: [{ shape: [2, 3, 4, 6] }],
    body: (x) => ops.reshape(ops.transpose(ops.reshape(x, [2, 3, 2, 2, 3, 2]), [0, 2, 4, 1, 3, 5]), [2, 6, 12]),
  },
  'a scalar over five axes': {
    operands: [{ shape: [2, 1, 2, 3, 2] }, { shape: [] }, { shape: [3, 1] }],
    body: (x, s, y) => ops.add(ops.mul(x, s), y),
  },
  'clamped to an interval': { operands: [{ shape: [4, 5] }], body: (x) => ops.clamp(ops.mul(x, 2), -1, 1.5) },
  'rows gathered twice': {
    operands: [{ shape: [3, 4] }, { shape: [2, 5], draw: { below: 3 } }],
    body: (table, rows) => ops.mul(ops.gather(table, rows), ops.gather(table, rows)),
  },
  'many rows added into few': {
    operands: [{ shape: [9, 2] }, { shape: [9], draw: { below: 2 } }],
    body: (rows, indices) => ops.scatterAdd(indices, rows, 4),
  },
  'numbers added into a list': {
    operands: [{ shape: [2, 3] }, { shape: [2, 3], draw: { below: 4 } }],
    body: (rows, indices) => ops.scatterAdd(indices, rows, 5),
  },
  'layer norm with scale and shift': {
    operands: [{ shape: [2, 3, 8] }, { shape: [8] }, { shape: [8] }],
    body: (x, scale, shift) => ops.add(ops.mul(ops.standardize(x, 1e-6), scale), shift),
  },
  'the value an input already has': {
    operands: [{ shape: [3] }],
    body: (x) => ops.stopGradient(x),
    noGradient: 'stopped',
  },
  'the first of equal maxima': {
    operands: [{ shape: [3, 6] }],
    body: (x) => ops.cast(ops.argmax(ops.greater(x, 0)), 'float32'),
    noGradient: 'piecewise constant',
  },
  'whole numbers there and back': {
    operands: [{ shape: [3, 4] }, { shape: [3, 4], draw: { below: 9 } }],
    body: (x, i) => ops.cast(ops.add(ops.cast(ops.mul(x, 10), 'int64'), i), 'float32'),
    noGradient: 'piecewise constant',
  },
  'rounded to half precision': {
    operands: [{ shape: [40] }],
    body: (x) => ops.cast(ops.cast(ops.exp(ops.mul(x, 5)), 'float16'), 'float32'),
    noGradient: 'piecewise constant',
  },
};
