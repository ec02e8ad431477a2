import type { PrimitiveName, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';

/** One operand of a case: its shape, and how its numbers are drawn. */
export interface Operand {
  readonly shape: readonly number[];
  /** `positive` stays away from 0, where log, sqrt and division are steep; integers are indices below `below`. */
  readonly draw?: 'normal' | 'positive' | { readonly below: number };
}

/** A small use of one primitive. */
export interface Case {
  readonly operands: readonly Operand[];
  readonly body: (...values: Value[]) => Value;
  /** Why its gradient is not compared with finite differences. */
  readonly noGradient?: string;
}

const unary = (body: (x: Value) => Value, draw: Operand['draw'] = 'normal'): Case => ({
  operands: [{ shape: [3, 5], draw }],
  body,
});
const binary = (body: (a: Value, b: Value) => Value): Case => ({
  operands: [{ shape: [2, 3, 4] }, { shape: [3, 1], draw: 'positive' }],
  body,
});
const steps = 'piecewise constant';

const odd = { stride: 1, padding: [1, 1, 1, 1] } as const;
const strided = { stride: 2, padding: [0, 0, 1, 1] } as const;
const feature = { shape: [2, 3, 6, 6] };
const wide = { shape: [2, 2, 16, 16] };
const filter = { shape: [4, 3, 3, 3] };

/** At least one case for every primitive: the compiler insists. */
export const cases: Readonly<Record<PrimitiveName, Readonly<Record<string, Case>>>> = {
  constant: { plain: unary((x) => ops.add(x, ops.constant(x, [1, 2, 3, 4, 5], { shape: [5] }))) },
  add: { broadcast: binary(ops.add) },
  sub: { broadcast: binary(ops.sub) },
  mul: { broadcast: binary(ops.mul) },
  div: { broadcast: binary(ops.div) },
  greater: { broadcast: { ...binary(ops.greater), noGradient: steps } },
  neg: { plain: unary(ops.neg) },
  exp: { plain: unary(ops.exp) },
  log: { plain: unary(ops.log, 'positive') },
  sqrt: { plain: unary(ops.sqrt, 'positive') },
  sin: { plain: unary(ops.sin) },
  cos: { plain: unary(ops.cos) },
  tanh: { plain: unary(ops.tanh) },
  erf: { plain: unary(ops.erf) },
  sigmoid: { plain: unary(ops.sigmoid) },
  relu: { plain: unary(ops.relu) },
  silu: { plain: unary(ops.silu) },
  gelu: { plain: unary(ops.gelu) },
  sum: { 'one axis': unary((x) => ops.sum(x, [0])), 'all axes': unary((x) => ops.sum(x)) },
  max: { plain: unary((x) => ops.max(x, -1)), 'log-sum-exp': unary(ops.logSumExp) },
  softmax: { plain: unary(ops.softmax) },
  standardize: { plain: unary((x) => ops.standardize(x, 1e-5)) },
  inverseDeviation: { plain: unary((x) => ops.inverseDeviation(x, 1e-5)) },
  reshape: { plain: unary((x) => ops.reshape(x, [5, -1])) },
  transpose: { plain: { operands: [{ shape: [2, 3, 4] }], body: (x) => ops.transpose(x, [2, 0, 1]) } },
  broadcast: { plain: { operands: [{ shape: [3, 1] }], body: (x) => ops.broadcast(x, [2, 3, 4]) } },
  concat: { plain: { operands: [{ shape: [2, 3] }, { shape: [2, 4] }], body: (a, b) => ops.concat([a, b, a], 1) } },
  slice: { plain: unary((x) => ops.slice(x, { axis: 1, begin: 1, end: 4 })) },
  pad: { plain: unary((x) => ops.pad(x, { axis: 1, before: 2, after: 1 })) },
  cropLike: {
    'both sides': { operands: [feature, { shape: [1, 2, 5, 4] }], body: ops.cropLike },
    'one side': { operands: [feature, { shape: [2, 3, 6, 5] }], body: ops.cropLike },
  },
  matmul: {
    matrices: { operands: [{ shape: [3, 4] }, { shape: [4, 5] }], body: ops.matmul },
    'one matrix for a batch': { operands: [{ shape: [2, 3, 4] }, { shape: [4, 5] }], body: ops.matmul },
    'matrices turned round': {
      operands: [{ shape: [4, 3] }, { shape: [5, 4] }],
      body: (a, b) => ops.matmul(ops.swapLast(a), ops.swapLast(b)),
    },
    'a narrow weight turned round': {
      operands: [{ shape: [6, 4] }, { shape: [2, 4] }],
      body: (a, b) => ops.matmul(a, ops.swapLast(b)),
    },
    'broadcast batches': { operands: [{ shape: [2, 1, 3, 4] }, { shape: [5, 4, 2] }], body: ops.matmul },
  },
  conv2d: {
    'same size': { operands: [feature, filter], body: (x, w) => ops.conv2d(x, w, odd) },
    'stride 2, uneven padding': { operands: [feature, filter], body: (x, w) => ops.conv2d(x, w, strided) },
    'one by one': {
      operands: [feature, { shape: [4, 3, 1, 1] }],
      body: (x, w) => ops.conv2d(x, w, { stride: 1, padding: [0, 0, 0, 0] }),
    },
    patches: {
      operands: [{ shape: [2, 3, 8, 8] }, { shape: [4, 3, 4, 4] }],
      body: (x, w) => ops.conv2d(x, w, { stride: 4, padding: [0, 0, 0, 0] }),
    },
    'large map': { operands: [wide, { shape: [3, 2, 3, 3] }], body: (x, w) => ops.conv2d(x, w, odd) },
    bias: {
      operands: [feature, filter, { shape: [4] }],
      body: (x, w, bias) => ops.conv2d(x, w, { ...odd, bias }),
    },
    // Enough images and channels for every layout that a runtime may have, and some that fill no whole block.
    'many channels': {
      operands: [{ shape: [8, 16, 3, 3] }, { shape: [8, 16, 3, 3] }, { shape: [8] }],
      body: (x, w, bias) => ops.conv2d(x, w, { ...odd, bias }),
    },
    'stride 2, many images, odd channels': {
      operands: [{ shape: [9, 3, 5, 4] }, { shape: [5, 3, 3, 2] }],
      body: (x, w) => ops.conv2d(x, w, { stride: 2, padding: [1, 0, 1, 1] }),
    },
  },
  conv2dInputGradient: {
    'same size': {
      operands: [{ shape: [2, 4, 6, 6] }, filter],
      body: (g, w) => ops.conv2dInputGradient(g, w, { ...odd, inputShape: feature.shape }),
    },
    'stride 2': {
      operands: [{ shape: [2, 4, 3, 3] }, filter],
      body: (g, w) => ops.conv2dInputGradient(g, w, { ...strided, inputShape: feature.shape }),
    },
  },
  conv2dFilterGradient: {
    'same size': {
      operands: [feature, { shape: [2, 4, 6, 6] }],
      body: (x, g) => ops.conv2dFilterGradient(x, g, { ...odd, filterShape: filter.shape }),
    },
    'stride 2': {
      operands: [feature, { shape: [2, 4, 3, 3] }],
      body: (x, g) => ops.conv2dFilterGradient(x, g, { ...strided, filterShape: filter.shape }),
    },
    'large map': {
      operands: [wide, { shape: [2, 3, 16, 16] }],
      body: (x, g) => ops.conv2dFilterGradient(x, g, { ...odd, filterShape: [3, 2, 3, 3] }),
    },
  },
  upsampleNearest: { plain: { operands: [feature], body: (x) => ops.upsampleNearest(x, 2) } },
  sumPool: { plain: { operands: [feature], body: (x) => ops.sumPool(x, 3) } },
  pixelShuffle: { plain: { operands: [{ shape: [2, 8, 3, 5] }], body: (x) => ops.pixelShuffle(x, 2) } },
  pixelUnshuffle: { plain: { operands: [{ shape: [2, 3, 6, 4] }], body: (x) => ops.pixelUnshuffle(x, 2) } },
  gather: { plain: { operands: [{ shape: [7, 3] }, { shape: [2, 4], draw: { below: 7 } }], body: ops.gather } },
  scatterAdd: {
    plain: {
      operands: [{ shape: [2, 4, 3] }, { shape: [2, 4], draw: { below: 7 } }],
      body: (rows, indices) => ops.scatterAdd(indices, rows, 7),
    },
  },
  oneHot: {
    plain: {
      operands: [{ shape: [2, 4], draw: { below: 7 } }],
      body: (indices) => ops.oneHot(indices, 7),
      noGradient: 'of integers',
    },
  },
  argmax: { plain: { ...unary((x) => ops.cast(ops.argmax(x), 'float32')), noGradient: steps } },
  cast: {
    'integers to floats': {
      operands: [{ shape: [2, 4], draw: { below: 7 } }],
      body: (x) => ops.cast(x, 'float32'),
      noGradient: 'of integers',
    },
  },
  stopGradient: { plain: unary((x) => ops.mul(x, ops.add(ops.stopGradient(ops.mul(x, 0)), 2))) },
};
