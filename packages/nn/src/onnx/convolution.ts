import { LascauxError } from '../errors.js';
import type { PrimitiveAttributes } from '../program/primitives.js';
import type { Dim } from '../program/shape.js';
import type { GraphBuilder, GraphTensor } from './graph-builder.js';

const known = (dim: Dim | undefined): number => {
  if (typeof dim !== 'number') throw new LascauxError({ operation: 'onnx', rule: 'gradients of a convolution need known sizes', value: dim });
  return dim;
};

const sizes = (tensor: GraphTensor): readonly [number, number, number, number] =>
  [known(tensor.shape[0]), known(tensor.shape[1]), known(tensor.shape[2]), known(tensor.shape[3])];

/** ONNX Conv. Its pads are [top, left, bottom, right], as ours. */
export function emitConvolution(graph: GraphBuilder, [x, filter]: readonly GraphTensor[], { stride, padding }: PrimitiveAttributes['conv2d']): string {
  return graph.node('Conv', [(x as GraphTensor).name, (filter as GraphTensor).name], { pads: [...padding], strides: [stride, stride] });
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
export function emitInputGradient(graph: GraphBuilder, [cotangent, filter]: readonly GraphTensor[], attributes: PrimitiveAttributes['conv2dInputGradient']): string {
  const [g, f] = [cotangent as GraphTensor, filter as GraphTensor];
  const { stride, padding, inputShape } = attributes;
  const [, , kh, kw] = sizes(f);
  const [top, left, bottom, right] = padding;
  if (stride === 1) return graph.node('Conv', [g.name, turnedFilter(graph, f)], { pads: [kh - 1 - top, kw - 1 - left, kh - 1 - bottom, kw - 1 - right], strides: [1, 1] });
  const [, , gh, gw] = sizes(g);
  const [height, width] = [known(inputShape[2]), known(inputShape[3])];
  const extra = [height - ((gh - 1) * stride + kh - top - bottom), width - ((gw - 1) * stride + kw - left - right)];
  return graph.node('ConvTranspose', [g.name, f.name], { pads: [...padding], strides: [stride, stride], output_padding: extra });
}

/** Which of several equal ways to compute a filter gradient is used; measured in docs/log.md. */
export type FilterGradientMethod = 'columns' | 'shifts' | 'convolution';

interface FilterGradientCall {
  readonly graph: GraphBuilder;
  readonly x: GraphTensor;
  readonly cotangent: GraphTensor;
  readonly attributes: PrimitiveAttributes['conv2dFilterGradient'];
}

/** One shifted (and strided) view of the padded feature map in channels-last order, flattened to [N·H′·W′, C]. */
function shiftedRows({ graph, x, cotangent, attributes }: FilterGradientCall): (row: number, column: number) => string {
  const [n, c, h, w] = sizes(x);
  const [, , gh, gw] = sizes(cotangent);
  const { stride, padding } = attributes;
  const [top, left, bottom, right] = padding;
  const last = graph.node('Transpose', [x.name], { perm: [0, 2, 3, 1] });
  const anyPad = padding.some((cells) => cells > 0);
  const padded = anyPad ? graph.node('Pad', [last, graph.integers(0, top, left, 0, 0, bottom, right, 0)]) : last;
  return (row, column) => {
    const whole = row === 0 && column === 0 && stride === 1 && gh === h + top + bottom && gw === w + left + right;
    const ends = [row + (gh - 1) * stride + 1, column + (gw - 1) * stride + 1];
    const view = whole ? padded : graph.node('Slice', [padded, graph.integers(row, column), graph.integers(...ends), graph.integers(1, 2), graph.integers(stride, stride)]);
    return graph.node('Reshape', [view, graph.integers(n * gh * gw, c)]);
  };
}

/** The cotangent as a matrix [K, N·H′·W′]. */
function cotangentMatrix({ graph, cotangent }: FilterGradientCall): string {
  const [n, k, h, w] = sizes(cotangent);
  return graph.node('Reshape', [graph.node('Transpose', [cotangent.name], { perm: [1, 0, 2, 3] }), graph.integers(k, n * h * w)]);
}

function positions({ attributes }: FilterGradientCall): readonly (readonly [number, number])[] {
  const [, , h, w] = attributes.filterShape as readonly [number, number, number, number];
  return Array.from({ length: h * w }, (_, i) => [Math.floor(i / w), i % w] as const);
}

/** All shifted views side by side as one matrix [N·H′·W′, h·w·C], then a single product. */
function byColumns(call: FilterGradientCall): string {
  const { graph, attributes } = call;
  const [k, c, h, w] = attributes.filterShape as readonly [number, number, number, number];
  const rows = shiftedRows(call);
  const parts = positions(call).map(([i, j]) => rows(i, j));
  const columns = parts.length === 1 ? (parts[0] as string) : graph.node('Concat', parts, { axis: 1 });
  const product = graph.node('MatMul', [cotangentMatrix(call), columns]);
  if (h * w === 1) return graph.node('Reshape', [product, graph.integers(k, c, 1, 1)]);
  return graph.node('Transpose', [graph.node('Reshape', [product, graph.integers(k, h, w, c)])], { perm: [0, 3, 1, 2] });
}

/** One product per filter cell. */
function byShifts(call: FilterGradientCall): string {
  const { graph, attributes } = call;
  const [k, c, h, w] = attributes.filterShape as readonly [number, number, number, number];
  const rows = shiftedRows(call);
  const matrix = cotangentMatrix(call);
  const parts = positions(call).map(([i, j]) => graph.node('Reshape', [graph.node('MatMul', [matrix, rows(i, j)]), graph.integers(k, c, 1)]));
  return graph.node('Reshape', [graph.node('Concat', parts, { axis: 2 }), graph.integers(k, c, h, w)]);
}

/** A convolution over the batch axis: channels of x as the batch, the cotangent as filter. */
function byConvolution(call: FilterGradientCall): string {
  const { graph, x, cotangent, attributes } = call;
  const { stride, padding } = attributes;
  const [, , kh, kw] = attributes.filterShape as readonly [number, number, number, number];
  const [, , h, w] = sizes(x);
  const [, , gh, gw] = sizes(cotangent);
  const [top, left, bottom, right] = padding;
  // Rows and columns that no window reaches are cut off by negative padding on the far side.
  const excess = [h + top + bottom - ((gh - 1) * stride + kh), w + left + right - ((gw - 1) * stride + kw)];
  const swap = (name: string): string => graph.node('Transpose', [name], { perm: [1, 0, 2, 3] });
  const cut = graph.node('Pad', [swap(x.name), graph.integers(0, 0, top, left, 0, 0, bottom - (excess[0] as number), right - (excess[1] as number))]);
  return swap(graph.node('Conv', [cut, swap(cotangent.name)], { dilations: [stride, stride] }));
}

const methods: Readonly<Record<FilterGradientMethod, (call: FilterGradientCall) => string>> = { columns: byColumns, shifts: byShifts, convolution: byConvolution };

/** The gradient of a convolution for its filter. */
export function emitFilterGradient(graph: GraphBuilder, [x, cotangent]: readonly GraphTensor[], attributes: PrimitiveAttributes['conv2dFilterGradient'], method: FilterGradientMethod = 'columns'): string {
  return methods[method]({ graph, x: x as GraphTensor, cotangent: cotangent as GraphTensor, attributes });
}
