import type { Padding, PrimitiveAttributes } from '../program/primitives.js';
import type { GraphBuilder, GraphTensor, NodeOptions } from './graph-builder.js';

/**
 * Convolutions in ONNX Runtime's own layout for CPUs, in which a block of channels (8 or 16 of them, a vector register) lies together:
 * [N, C/b, H, W, b], filters [K/b, C/b, h, w, b of C, b of K]. The runtime changes to it by itself only where filters are constants; in a
 * training step they are not, so the operators of its internal set are written out here. Shapes keep their four axes, [N, C, H, W].
 * Why: docs/decisions/0063.
 */
const DOMAIN = 'com.microsoft.nchwc';

/** A feature map or a filter with its four sizes. */
interface Sized {
  readonly name: string;
  readonly sizes: readonly [number, number, number, number];
}

/** Four sizes of a tensor, all known. */
const sized = ({ name, shape }: GraphTensor): Sized => ({ name, sizes: shape as Sized['sizes'] });

const wholeBlocks = (graph: GraphBuilder, count: number): number =>
  Math.ceil(count / graph.channelBlock) * graph.channelBlock;

/** Zeros (or, where negative, cuts) at the end of each axis and, of the last two, at the beginning. */
function padded(
  graph: GraphBuilder,
  { name, sizes }: Sized,
  { ends, begins = [0, 0] }: { ends: readonly number[]; begins?: readonly [number, number] },
): Sized {
  if ([...ends, ...begins].every((cells) => cells === 0)) return { name, sizes };
  const pads = graph.integers(0, 0, ...begins, ...ends);
  const [n, c, h, w] = sizes.map((size, axis) => size + (ends[axis] ?? 0) + (begins[axis - 2] ?? 0));
  return { name: graph.node('Pad', [name, pads]), sizes: [n!, c!, h!, w!] };
}

/** The first two axes filled up to whole blocks with zeros, where asked for. */
const filled = (graph: GraphBuilder, x: Sized, axes: readonly [first: boolean, second: boolean]): Sized =>
  padded(graph, x, {
    ends: [...axes.map((wanted, axis) => (wanted ? wholeBlocks(graph, x.sizes[axis]!) - x.sizes[axis]! : 0)), 0, 0],
  });

/** A node of the internal operator set. */
const internal = (
  graph: GraphBuilder,
  type: string,
  { inputs, attributes = {} }: { inputs: readonly string[]; attributes?: NodeOptions['attributes'] },
): string => graph.nodes(type, inputs, { domain: DOMAIN, attributes })[0] as string;

/** A feature map in blocks of its second axis. */
function blocked(graph: GraphBuilder, x: Sized): Sized {
  const { name, sizes } = filled(graph, x, [false, true]);
  return { name: internal(graph, 'ReorderInput', { inputs: [name] }), sizes };
}

/**
 * A filter [K, C, h, w] in blocks of both; turned: with K and C exchanged and its cells in reverse order, which is the filter of the
 * gradient for the feature map.
 */
function blockedFilter(graph: GraphBuilder, filter: Sized, { turned }: { turned: boolean }): Sized {
  const {
    name,
    sizes: [k, c, h, w],
  } = filled(graph, filter, [true, true]);
  const block = graph.channelBlock;
  const split = graph.node('Reshape', [name, graph.integers(k / block, block, c / block, block, h * w)]);
  const moved = graph.node('Transpose', [split], { perm: turned ? [2, 0, 4, 1, 3] : [0, 2, 4, 3, 1] });
  const sizes = turned ? ([c, k, h, w] as const) : ([k, c, h, w] as const);
  const reversed = Array.from({ length: h * w }, (_, i) => h * w - 1 - i);
  const cells = turned && h * w > 1 ? graph.node('Gather', [moved, graph.integers(...reversed)], { axis: 2 }) : moved;
  return { name: graph.node('Reshape', [cells, graph.integers(...sizes)]), sizes };
}

interface BlockedCall {
  readonly map: Sized;
  readonly filter: Sized;
  readonly bias?: string | undefined;
  readonly pads: readonly number[];
  readonly stride?: number;
  readonly dilation?: number;
  /** Channels of the result that are wanted. */
  readonly channels: number;
}

/** One convolution of a blocked map with a blocked filter; its result is [N, channels, H′, W′] as usual. */
function convolved(graph: GraphBuilder, call: BlockedCall): string {
  const { map, filter, bias, pads, stride = 1, dilation = 1, channels } = call;
  const result = internal(graph, 'Conv', {
    inputs: [map.name, filter.name, ...(bias === undefined ? [] : [bias])],
    attributes: {
      auto_pad: 'NOTSET',
      dilations: [dilation, dilation],
      group: 1,
      kernel_shape: filter.sizes.slice(2),
      pads: [...pads],
      strides: [stride, stride],
    },
  });
  return internal(graph, 'ReorderOutput', { inputs: [result], attributes: { channels } });
}

/** Feature map [N, C, H, W], filter [K, C, h, w] and perhaps a bias [K]. */
export function blockedConvolution(
  graph: GraphBuilder,
  [x, filter, bias]: readonly GraphTensor[],
  { stride, padding }: PrimitiveAttributes['conv2d'],
): string {
  const weights = sized(filter as GraphTensor);
  const [channels] = weights.sizes;
  const extra = wholeBlocks(graph, channels) - channels;
  const shift = bias !== undefined && extra > 0 ? graph.node('Pad', [bias.name, graph.integers(0, extra)]) : bias?.name;
  return convolved(graph, {
    map: blocked(graph, sized(x as GraphTensor)),
    filter: blockedFilter(graph, weights, { turned: false }),
    bias: shift,
    pads: padding,
    stride,
    channels,
  });
}

/** The gradient for the feature map at stride 1, a convolution of the cotangent with the turned filter. */
export function blockedInputGradient(
  graph: GraphBuilder,
  [cotangent, filter]: readonly GraphTensor[],
  pads: Padding,
): string {
  const weights = sized(filter as GraphTensor);
  return convolved(graph, {
    map: blocked(graph, sized(cotangent as GraphTensor)),
    filter: blockedFilter(graph, weights, { turned: true }),
    pads,
    channels: weights.sizes[1],
  });
}

/** Whether blocks of images pay: fewer than half a block would be mostly zeros. */
export const fillsBlocks = (graph: GraphBuilder, images: number): boolean => 2 * images >= graph.channelBlock;

/**
 * The gradient for the filter, dW[k, c, i, j] = Σ g[n, k, y, x] · x[n, c, s·y + i, s·x + j]: a convolution as well, of feature maps whose
 * batch axis is c and whose channels are the images n, with the cotangent as a filter as large as the map and the stride s as its dilation.
 */
export function blockedFilterGradient(
  graph: GraphBuilder,
  [x, cotangent]: readonly GraphTensor[],
  { stride, padding, filterShape }: PrimitiveAttributes['conv2dFilterGradient'],
): string {
  const [feature, slope] = [sized(x as GraphTensor), filled(graph, sized(cotangent as GraphTensor), [true, true])];
  const [channels, , rows, columns] = filterShape as Sized['sizes'];
  const [images, k, h, w] = slope.sizes;
  const [n, c, height, width] = feature.sizes;
  const [top, left] = padding;
  // Exactly the cells that some cell of the filter meets.
  const [bottom, right] = [(h - 1) * stride + rows - height - top, (w - 1) * stride + columns - width - left];
  const whole = padded(graph, feature, { begins: [top, left], ends: [images - n, 0, bottom, right] });
  const byChannel: Sized = {
    name: graph.node('Transpose', [whole.name], { perm: [1, 0, 2, 3] }),
    sizes: [c, images, whole.sizes[2], whole.sizes[3]],
  };
  const block = graph.channelBlock;
  // [n/b, b of n, K/b, H′·W′, b of K] → [K/b, n/b, H′·W′, b of n, b of K]
  const split = graph.node('Reshape', [
    blocked(graph, slope).name,
    graph.integers(images / block, block, k / block, h * w, block),
  ]);
  const moved = graph.node('Transpose', [split], { perm: [2, 0, 3, 1, 4] });
  const filter: Sized = {
    name: graph.node('Reshape', [moved, graph.integers(k, images, h, w)]),
    sizes: [k, images, h, w],
  };
  const result = convolved(graph, {
    map: blocked(graph, byChannel),
    filter,
    pads: [0, 0, 0, 0],
    dilation: stride,
    channels,
  });
  return graph.node('Transpose', [result], { perm: [1, 0, 2, 3] });
}
