import { LascauxError } from '../errors.js';
import type { Padding, PrimitiveAttributes } from '../program/primitives.js';
import type { Dim, Shape } from '../program/shape.js';
import { blockedConvolution, blockedFilterGradient, blockedInputGradient, fillsBlocks } from './blocked-convolution.js';
import type { GraphBuilder, GraphTensor } from './graph-builder.js';

const known = (dim: Dim | undefined): number => {
  if (typeof dim !== 'number')
    throw new LascauxError({ operation: 'onnx', rule: 'gradients of a convolution need known sizes', value: dim });
  return dim;
};

const sizes = (tensor: GraphTensor): readonly [number, number, number, number] => [
  known(tensor.shape[0]),
  known(tensor.shape[1]),
  known(tensor.shape[2]),
  known(tensor.shape[3]),
];

/** Whether to use the runtime's own layout: where the machine has one and the filter more than one cell, which repays the change of layout. */
const usesBlocks = (graph: GraphBuilder, tensors: readonly GraphTensor[], [, , h, w]: Shape): boolean =>
  graph.channelBlock > 1 &&
  (h as number) * (w as number) > 1 &&
  tensors.every(({ shape }) => shape.every((dim) => typeof dim === 'number'));

/** ONNX Conv. Its pads are [top, left, bottom, right], as ours. */
export function emitConvolution(
  graph: GraphBuilder,
  inputs: readonly GraphTensor[],
  attributes: PrimitiveAttributes['conv2d'],
): string {
  if (usesBlocks(graph, inputs, (inputs[1] as GraphTensor).shape)) return blockedConvolution(graph, inputs, attributes);
  const { stride, padding } = attributes;
  return graph.node(
    'Conv',
    inputs.map((input) => input.name),
    { pads: [...padding], strides: [stride, stride] },
  );
}

/** The filter with rows, columns turned round and its two channel axes swapped: [K, C, h, w] → [C, K, h, w]. */
function turnedFilter(graph: GraphBuilder, filter: GraphTensor): string {
  const [k, c, h, w] = sizes(filter);
  const swapped = graph.node('Transpose', [filter.name], { perm: [1, 0, 2, 3] });
  if (h * w === 1) return swapped;
  const flat = graph.node('Reshape', [swapped, graph.integers(c, k, h * w)]);
  const reversed = graph.integers(...Array.from({ length: h * w }, (_, i) => h * w - 1 - i));
  return graph.node('Reshape', [graph.node('Gather', [flat, reversed], { axis: 2 }), graph.integers(c, k, h, w)]);
}

/**
 * At stride 1 the gradient for the feature map is itself a convolution, with the turned filter; ONNX Runtime runs that faster than
 * ConvTranspose, which is used for other strides.
 */
export function emitInputGradient(
  graph: GraphBuilder,
  [cotangent, filter]: readonly GraphTensor[],
  attributes: PrimitiveAttributes['conv2dInputGradient'],
): string {
  const [g, f] = [cotangent as GraphTensor, filter as GraphTensor];
  const { stride, padding, inputShape } = attributes;
  const [, , kh, kw] = sizes(f);
  const [top, left, bottom, right] = padding;
  const pads: Padding = [kh - 1 - top, kw - 1 - left, kh - 1 - bottom, kw - 1 - right];
  // Padding beyond the filter would make these negative, which Conv refuses.
  if (stride === 1 && pads.every((cells) => cells >= 0))
    return usesBlocks(graph, [g, f], f.shape)
      ? blockedInputGradient(graph, [g, f], pads)
      : graph.node('Conv', [g.name, turnedFilter(graph, f)], { pads: [...pads], strides: [1, 1] });
  const [, , gh, gw] = sizes(g);
  const [height, width] = [known(inputShape[2]), known(inputShape[3])];
  const extra = [height - ((gh - 1) * stride + kh - top - bottom), width - ((gw - 1) * stride + kw - left - right)];
  return graph.node('ConvTranspose', [g.name, f.name], {
    pads: [...padding],
    strides: [stride, stride],
    output_padding: extra,
  });
}

interface FilterGradientCall {
  readonly graph: GraphBuilder;
  readonly x: GraphTensor;
  readonly cotangent: GraphTensor;
  readonly attributes: PrimitiveAttributes['conv2dFilterGradient'];
}

/** Where the cells of a filter lie: row and column of each. */
function filterCells({ attributes }: FilterGradientCall): readonly (readonly [number, number])[] {
  const [, , h, w] = attributes.filterShape as readonly [number, number, number, number];
  return Array.from({ length: h * w }, (_, i) => [Math.floor(i / w), i % w] as const);
}

/** For each filter cell, the part of the padded feature map that it meets; `heightAxis` is 1 for channels last, 2 for channels first. */
function shiftedViews(call: FilterGradientCall, source: string, heightAxis: 1 | 2): readonly string[] {
  const { graph, cotangent, attributes } = call;
  const { stride, padding } = attributes;
  const [top, left, bottom, right] = padding;
  const [, , gh, gw] = sizes(cotangent);
  const pads = heightAxis === 1 ? [0, top, left, 0, 0, bottom, right, 0] : [0, 0, top, left, 0, 0, bottom, right];
  const padded = padding.some((cells) => cells > 0) ? graph.node('Pad', [source, graph.integers(...pads)]) : source;
  const axes = graph.integers(heightAxis, heightAxis + 1);
  return filterCells(call).map(([row, column]) => {
    const ends = graph.integers(row + (gh - 1) * stride + 1, column + (gw - 1) * stride + 1);
    return graph.node('Slice', [padded, graph.integers(row, column), ends, axes, graph.integers(stride, stride)]);
  });
}

const joined = (graph: GraphBuilder, parts: readonly string[], axis: number): string =>
  parts.length === 1 ? (parts[0] as string) : graph.node('Concat', parts, { axis });

/** Channels last: all views side by side as one matrix [N·H′·W′, h·w·C], then a single product with the cotangent [K, N·H′·W′]. */
function asOneProduct(call: FilterGradientCall): string {
  const { graph, x, cotangent, attributes } = call;
  const [k, c, h, w] = attributes.filterShape as readonly [number, number, number, number];
  const [n, , gh, gw] = sizes(cotangent);
  const channelsLast = graph.node('Transpose', [x.name], { perm: [0, 2, 3, 1] });
  const rows = shiftedViews(call, channelsLast, 1).map((view) =>
    graph.node('Reshape', [view, graph.integers(n * gh * gw, c)]),
  );
  const matrix = graph.node('Reshape', [
    graph.node('Transpose', [cotangent.name], { perm: [1, 0, 2, 3] }),
    graph.integers(k, n * gh * gw),
  ]);
  const product = graph.node('MatMul', [matrix, joined(graph, rows, 1)]);
  return graph.node('Transpose', [graph.node('Reshape', [product, graph.integers(k, h, w, c)])], {
    perm: [0, 3, 1, 2],
  });
}

/** Channels first: per image a product of the cotangent [K, H′·W′] with the views [H′·W′, h·w·C], summed over the batch. */
function asBatchedProducts(call: FilterGradientCall): string {
  const { graph, x, cotangent, attributes } = call;
  const [k, c, h, w] = attributes.filterShape as readonly [number, number, number, number];
  const [n, , gh, gw] = sizes(cotangent);
  const rows = shiftedViews(call, x.name, 2).map((view) =>
    graph.node('Reshape', [view, graph.integers(n, c, gh * gw)]),
  );
  const columns = graph.node('Transpose', [joined(graph, rows, 1)], { perm: [0, 2, 1] });
  const products = graph.node('MatMul', [
    graph.node('Reshape', [cotangent.name, graph.integers(n, k, gh * gw)]),
    columns,
  ]);
  const total = graph.node('ReduceSum', [products, graph.integers(0)], { keepdims: 0 });
  return graph.node('Transpose', [graph.node('Reshape', [total, graph.integers(k, h, w, c)])], { perm: [0, 3, 1, 2] });
}

/** From this many cells on, products per image keep the cores busy and spare the change to channels last (measured: docs/log.md). */
const LARGE_MAP = 256;

/** The gradient of a convolution for its filter. */
export function emitFilterGradient(
  graph: GraphBuilder,
  [x, cotangent]: readonly GraphTensor[],
  attributes: PrimitiveAttributes['conv2dFilterGradient'],
): string {
  const call = { graph, x: x as GraphTensor, cotangent: cotangent as GraphTensor, attributes };
  const [images, , gh, gw] = sizes(call.cotangent);
  if (usesBlocks(graph, [call.x, call.cotangent], attributes.filterShape) && fillsBlocks(graph, images))
    return blockedFilterGradient(graph, [call.x, call.cotangent], attributes);
  return gh * gw >= LARGE_MAP ? asBatchedProducts(call) : asOneProduct(call);
}
