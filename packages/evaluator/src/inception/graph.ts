import type { OnnxGraph, OnnxNode } from '@lascaux/nn/onnx';
import { inceptionBlocks, type BlockSpec, type BranchSpec, type ConvolutionSpec } from './blocks.js';
import { INCEPTION_SIZE } from './preprocess.js';

/** Where features are taken: first and second pooling, last 17×17 block, last pooling, and the 1008 logits without their bias. */
export type InceptionDimensions = 64 | 192 | 768 | 2048 | 1008;

/** A filter of the network under its two names, with its shape [out, in, rows, columns] ([1008, 2048] for the logits). */
export interface InceptionLayer {
  readonly graphName: string;
  readonly torchName: string;
  readonly shape: readonly number[];
}

/** Weight and bias of one layer, batch norm folded in. */
export interface FoldedLayer {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/** A feature map in the graph. */
interface FeatureMap {
  readonly name: string;
  readonly channels: number;
}

interface Builder {
  readonly nodes: OnnxNode[];
  readonly layers: InceptionLayer[];
}

/** Names of the graph's input and output. */
export const INCEPTION_INPUT = 'images';
export const INCEPTION_OUTPUT = 'features';
/** Height and width, over which features are averaged. */
const AXES = 'spatial_axes';

/** The layers that the features of so many dimensions need, in the order of the graph. */
export function inceptionLayers(dimensions: InceptionDimensions): readonly InceptionLayer[] {
  return buildNetwork(dimensions).layers;
}

/**
 * The network as an ONNX graph: `images` [batch, 3, 299, 299] → `features` [batch, dimensions], averaged over the map.
 * Average pooling inside the blocks leaves the padding out of the mean, as TensorFlow does.
 *
 * Why: docs/decisions/0027.
 * @param weightsOf gives each layer's folded weights.
 */
export function inceptionGraph(
  dimensions: InceptionDimensions,
  weightsOf: (layer: InceptionLayer) => FoldedLayer,
): OnnxGraph {
  const { nodes, layers } = buildNetwork(dimensions);
  const initializers = layers.flatMap((layer) => {
    const { weight, bias } = weightsOf(layer);
    const named = (suffix: string, shape: readonly number[], data: Float32Array) => ({
      name: `${layer.graphName}.${suffix}`,
      dtype: 'float32' as const,
      shape,
      source: { data },
    });
    return [
      named('weight', layer.shape, weight),
      ...(layer.shape.length === 4 ? [named('bias', layer.shape.slice(0, 1), bias)] : []),
    ];
  });
  const image = {
    name: INCEPTION_INPUT,
    dtype: 'float32' as const,
    shape: ['batch', 3, INCEPTION_SIZE, INCEPTION_SIZE],
  };
  const output = { name: INCEPTION_OUTPUT, dtype: 'float32' as const, shape: ['batch', dimensions] };
  const axes = { name: AXES, dtype: 'int64' as const, shape: [2], source: { data: BigInt64Array.of(2n, 3n) } };
  return { nodes, initializers: [...initializers, axes], inputs: [image], outputs: [output] };
}

function buildNetwork(dimensions: InceptionDimensions): Builder {
  const builder: Builder = { nodes: [], layers: [] };
  const stem = (
    from: FeatureMap,
    names: readonly [string, string],
    spec: Omit<ConvolutionSpec, 'name'> & { padding?: number },
  ) => convolve(builder, from, { ...spec, graphName: names[0], torchName: names[1] });
  let x: FeatureMap = { name: INCEPTION_INPUT, channels: 3 };
  x = stem(x, ['conv', 'Conv2d_1a_3x3'], { out: 32, kernel: [3, 3], halves: true });
  x = stem(x, ['conv_1', 'Conv2d_2a_3x3'], { out: 32, kernel: [3, 3], padding: 0 });
  x = stem(x, ['conv_2', 'Conv2d_2b_3x3'], { out: 64, kernel: [3, 3] });
  x = pool(builder, x, 'max-halving');
  if (dimensions === 64) return finish(builder, x, dimensions);
  x = stem(x, ['conv_3', 'Conv2d_3b_1x1'], { out: 80, kernel: [1, 1] });
  x = stem(x, ['conv_4', 'Conv2d_4a_3x3'], { out: 192, kernel: [3, 3], padding: 0 });
  x = pool(builder, x, 'max-halving');
  if (dimensions === 192) return finish(builder, x, dimensions);
  for (const block of inceptionBlocks) {
    x = inceptionBlock(builder, x, block);
    if (dimensions === 768 && block.graphName === 'mixed_7') break;
  }
  return finish(builder, x, dimensions);
}

function finish(builder: Builder, x: FeatureMap, dimensions: InceptionDimensions): Builder {
  // ONNX Runtime's GlobalAveragePool adds one number after the other, which loses up to 1e-4 of the mean; ReduceMean does not.
  const flat = node(builder, 'ReduceMean', {
    inputs: [x.name, AXES],
    attributes: { keepdims: 0 },
    ...(dimensions === 1008 ? {} : { output: INCEPTION_OUTPUT }),
  });
  if (dimensions === 1008) {
    builder.layers.push({ graphName: 'softmax', torchName: 'fc', shape: [1008, x.channels] });
    node(builder, 'Gemm', { inputs: [flat, 'softmax.weight'], attributes: { transB: 1 }, output: INCEPTION_OUTPUT });
  }
  return builder;
}

function inceptionBlock(builder: Builder, input: FeatureMap, block: BlockSpec): FeatureMap {
  return concatenate(
    builder,
    block.branches.map((branch) => runBranch(builder, input, { block, branch })),
  );
}

function runBranch(
  builder: Builder,
  input: FeatureMap,
  { block, branch }: { block: BlockSpec; branch: BranchSpec },
): FeatureMap {
  const prefix = [block.graphName, branch.tower].filter((part) => part !== '').join('_');
  let x = branch.pool ? pool(builder, input, branch.pool) : input;
  let index = 0;
  for (const step of branch.steps) {
    const from = x;
    const outputs = step.map((spec) => {
      const graphName = `${prefix}_conv${index > 0 ? `_${index}` : ''}`;
      index++;
      return convolve(builder, from, { ...spec, graphName, torchName: `${block.torchName}.${spec.name}` });
    });
    x = concatenate(builder, outputs);
  }
  return x;
}

interface ConvolutionOptions extends Omit<ConvolutionSpec, 'name'> {
  readonly graphName: string;
  readonly torchName: string;
  /** Cells on each side; by default none when halving, else what keeps the map's size. */
  readonly padding?: number;
}

function convolve(builder: Builder, input: FeatureMap, options: ConvolutionOptions): FeatureMap {
  const { graphName, torchName, out, kernel, halves = false, padding } = options;
  const [rows, columns] = kernel.map((length) => padding ?? (halves ? 0 : (length - 1) / 2)) as [number, number];
  builder.layers.push({ graphName, torchName, shape: [out, input.channels, ...kernel] });
  const sum = node(builder, 'Conv', {
    inputs: [input.name, `${graphName}.weight`, `${graphName}.bias`],
    attributes: { kernel_shape: kernel, strides: halves ? [2, 2] : [1, 1], pads: [rows, columns, rows, columns] },
  });
  return { name: node(builder, 'Relu', { inputs: [sum] }), channels: out };
}

function pool(builder: Builder, input: FeatureMap, kind: NonNullable<BranchSpec['pool']>): FeatureMap {
  const halves = kind === 'max-halving';
  const geometry = {
    kernel_shape: [3, 3],
    strides: halves ? [2, 2] : [1, 1],
    pads: halves ? [0, 0, 0, 0] : [1, 1, 1, 1],
  };
  const name =
    kind === 'average'
      ? node(builder, 'AveragePool', { inputs: [input.name], attributes: { ...geometry, count_include_pad: 0 } })
      : node(builder, 'MaxPool', { inputs: [input.name], attributes: geometry });
  return { name, channels: input.channels };
}

function concatenate(builder: Builder, parts: readonly FeatureMap[]): FeatureMap {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const name = node(builder, 'Concat', { inputs: parts.map((part) => part.name), attributes: { axis: 1 } });
  return { name, channels: parts.reduce((sum, part) => sum + part.channels, 0) };
}

function node(
  builder: Builder,
  type: string,
  options: { inputs: readonly string[]; attributes?: OnnxNode['attributes']; output?: string },
): string {
  const { inputs, attributes = {}, output = `value_${builder.nodes.length}` } = options;
  builder.nodes.push({ type, inputs, outputs: [output], attributes });
  return output;
}
