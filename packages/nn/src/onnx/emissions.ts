import type { PrimitiveAttributes, PrimitiveName } from '../program/primitives.js';
import { emitConvolution, emitFilterGradient, emitInputGradient } from './convolution.js';
import { fusedAttention } from './fused-attention.js';
import type { GraphBuilder, GraphTensor } from './graph-builder.js';
import { emitMatrixProduct } from './matrix-product.js';
import { onnxTypes } from './model.js';
import { emitPixelShuffle, emitPixelUnshuffle } from './pixel-shuffle.js';

/** Writes one primitive call as ONNX nodes and returns the name of the result. */
type Emission<Name extends PrimitiveName> = (
  graph: GraphBuilder,
  inputs: readonly GraphTensor[],
  attributes: PrimitiveAttributes[Name],
) => string;

const first = (inputs: readonly GraphTensor[]): GraphTensor => inputs[0] as GraphTensor;
const names = (inputs: readonly GraphTensor[]): readonly string[] => inputs.map((input) => input.name);

/** The ONNX operator of the same meaning. */
const same =
  (type: string) =>
  (graph: GraphBuilder, inputs: readonly GraphTensor[]): string =>
    graph.node(type, names(inputs));

/** LayerNormalization with a scale of ones; its third result is the inverse deviation, which the gradient needs. */
function layerNormalization(graph: GraphBuilder, x: GraphTensor, epsilon: number): readonly string[] {
  const width = x.shape.at(-1) as number;
  const ones = graph.node('Expand', [graph.literal([1], 'float32'), graph.integers(width)]);
  return graph.nodes('LayerNormalization', [x.name, ones], {
    attributes: { axis: -1, epsilon: { float: epsilon } },
    outputs: 3,
  });
}

/** When the last axis has no known size, InstanceNormalization over [N, G, L] does the same. */
function instanceNormalization(graph: GraphBuilder, x: GraphTensor, epsilon: number): string {
  const groups = x.shape[1] as number;
  const filled = (value: number): string =>
    graph.node('Expand', [graph.literal([value], 'float32'), graph.integers(groups)]);
  return graph.node('InstanceNormalization', [x.name, filled(1), filled(0)], { epsilon: { float: epsilon } });
}

/** How each primitive is written in ONNX (opset 20). */
export const onnxEmissions: { readonly [Name in PrimitiveName]: Emission<Name> } = {
  constant: (graph, _, { values, dtype, shape }) => graph.literal(values, dtype, shape),
  add: same('Add'),
  sub: same('Sub'),
  mul: same('Mul'),
  div: same('Div'),
  greater: (graph, inputs) => graph.node('Cast', [graph.node('Greater', names(inputs))], { to: onnxTypes.float32 }),
  neg: same('Neg'),
  exp: same('Exp'),
  log: same('Log'),
  sqrt: same('Sqrt'),
  sin: same('Sin'),
  cos: same('Cos'),
  tanh: same('Tanh'),
  erf: same('Erf'),
  sigmoid: same('Sigmoid'),
  relu: same('Relu'),
  silu: (graph, inputs) => graph.node('Mul', [first(inputs).name, graph.node('Sigmoid', names(inputs))]),
  gelu: same('Gelu'),
  stopGradient: (_, inputs) => first(inputs).name,
  sum: (graph, inputs, { axes }) =>
    graph.node('ReduceSum', [first(inputs).name, graph.integers(...axes)], { keepdims: 1 }),
  max: (graph, inputs, { axis }) =>
    graph.node('ReduceMax', [first(inputs).name, graph.integers(axis)], { keepdims: 1 }),
  softmax: (graph, inputs) => graph.node('Softmax', names(inputs), { axis: -1 }),
  standardize: (graph, inputs, { epsilon }) => {
    const x = first(inputs);
    return typeof x.shape.at(-1) === 'number'
      ? (layerNormalization(graph, x, epsilon)[0] as string)
      : instanceNormalization(graph, x, epsilon);
  },
  inverseDeviation: (graph, inputs, { epsilon }) => layerNormalization(graph, first(inputs), epsilon)[2] as string,
  reshape: (graph, inputs, { shape }) =>
    fusedAttention(graph, first(inputs), shape) ??
    graph.node('Reshape', [first(inputs).name, graph.reshapeTarget(first(inputs).shape, shape)]),
  transpose: (graph, inputs, { permutation }) => graph.node('Transpose', names(inputs), { perm: [...permutation] }),
  broadcast: (graph, inputs, { shape }) =>
    graph.node('Expand', [first(inputs).name, graph.expandTarget(first(inputs).shape, shape)]),
  concat: (graph, inputs, { axis }) => graph.node('Concat', names(inputs), { axis }),
  slice: (graph, inputs, { axis, begin, end }) =>
    graph.node('Slice', [first(inputs).name, graph.integers(begin), graph.integers(end), graph.integers(axis)]),
  // All axes are listed: where maps are turned to channels last (WebGPU), the runtime overlooks a list of axes.
  pad: (graph, inputs, { axis, before, after }) => {
    const x = first(inputs);
    const on = (cells: number): number[] => x.shape.map((_, i) => (i === axis ? cells : 0));
    return graph.node('Pad', [x.name, graph.integers(...on(before), ...on(after))]);
  },
  cropLike: (graph, inputs) => {
    const ends = graph.node('Slice', [graph.node('Shape', [inputs[1]!.name]), graph.integers(2), graph.integers(4)]);
    return graph.node('Slice', [first(inputs).name, graph.integers(0, 0), ends, graph.integers(2, 3)]);
  },
  matmul: (graph, inputs) => emitMatrixProduct(graph, inputs),
  conv2d: emitConvolution,
  conv2dInputGradient: emitInputGradient,
  conv2dFilterGradient: (graph, inputs, attributes) => emitFilterGradient(graph, inputs, attributes),
  upsampleNearest: (graph, inputs, { factor }) =>
    graph.node('Resize', [first(inputs).name, '', graph.literal([1, 1, factor, factor], 'float32', [4])], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    }),
  sumPool: (graph, inputs, { factor }) =>
    graph.node('Mul', [
      graph.node('AveragePool', names(inputs), { kernel_shape: [factor, factor], strides: [factor, factor] }),
      graph.literal([factor * factor], 'float32'),
    ]),
  pixelShuffle: emitPixelShuffle,
  pixelUnshuffle: emitPixelUnshuffle,
  gather: (graph, inputs) => graph.node('Gather', names(inputs), { axis: 0 }),
  scatterAdd: (graph, inputs, { size }) => {
    const [indices, rows] = inputs as readonly [GraphTensor, GraphTensor];
    const width = rows.shape.slice(indices.shape.length) as readonly number[];
    const zeros = graph.node('Expand', [graph.literal([0], 'float32'), graph.integers(size, ...width)]);
    const wide = graph.node('Cast', [graph.node('Unsqueeze', [indices.name, graph.integers(-1)])], {
      to: onnxTypes.int64,
    });
    return graph.node('ScatterND', [zeros, wide, rows.name], { reduction: 'add' });
  },
  oneHot: (graph, inputs, { depth }) =>
    graph.node('OneHot', [first(inputs).name, graph.integers(depth), graph.literal([0, 1], 'float32', [2])]),
  argmax: (graph, inputs) => graph.node('ArgMax', names(inputs), { axis: -1, keepdims: 0 }),
  cast: (graph, inputs, { dtype }) => graph.node('Cast', names(inputs), { to: onnxTypes[dtype] }),
};

/** Writes a call by the emission of its primitive. */
export function emit<Name extends PrimitiveName>(
  primitive: Name,
  call: {
    graph: GraphBuilder;
    inputs: readonly GraphTensor[];
    attributes: PrimitiveAttributes[Name];
  },
): string {
  return onnxEmissions[primitive](call.graph, call.inputs, call.attributes);
}
