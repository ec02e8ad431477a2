import type { PrimitiveAttributes } from '../program/primitives.js';
import type { GraphBuilder, GraphTensor } from './graph-builder.js';

const isKnown = ({ shape }: GraphTensor): boolean => shape.every((dim) => typeof dim === 'number');

/** Two transposes that each move one axis, for which the runtime has fast loops: half the time of DepthToSpace, a third of one transpose. */
const moved = (
  graph: GraphBuilder,
  x: string,
  { shape, perm }: { shape: readonly number[]; perm: readonly number[] },
): string => graph.node('Transpose', [graph.node('Reshape', [x, graph.integers(...shape)])], { perm: [...perm] });

/** [N, C·f², H, W] → [N, C, H·f, W·f]. */
export function emitPixelShuffle(
  graph: GraphBuilder,
  [input]: readonly GraphTensor[],
  { factor }: PrimitiveAttributes['pixelShuffle'],
): string {
  const x = input as GraphTensor;
  if (!isKnown(x)) return graph.node('DepthToSpace', [x.name], { blocksize: factor, mode: 'CRD' });
  const [n, c, h, w] = x.shape as readonly [number, number, number, number];
  const maps = (n * c) / factor ** 2;
  const columns = moved(graph, x.name, { shape: [maps * factor, factor, h * w], perm: [0, 2, 1] });
  const rows = moved(graph, columns, { shape: [maps, factor, h, w * factor], perm: [0, 2, 1, 3] });
  return graph.node('Reshape', [rows, graph.integers(n, c / factor ** 2, h * factor, w * factor)]);
}

/** [N, C, H·f, W·f] → [N, C·f², H, W]. */
export function emitPixelUnshuffle(
  graph: GraphBuilder,
  [input]: readonly GraphTensor[],
  { factor }: PrimitiveAttributes['pixelUnshuffle'],
): string {
  const x = input as GraphTensor;
  const channels = x.shape[1] as number;
  const cells = factor * factor;
  if (!isKnown(x)) {
    // SpaceToDepth puts the cell of the window before the channel.
    const order = Array.from({ length: channels * cells }, (_, i) => (i % cells) * channels + Math.floor(i / cells));
    const windows = graph.node('SpaceToDepth', [x.name], { blocksize: factor });
    return channels === 1 ? windows : graph.node('Gather', [windows, graph.integers(...order)], { axis: 1 });
  }
  const [n, c, height, width] = x.shape as readonly [number, number, number, number];
  const [h, w] = [height / factor, width / factor];
  const rows = moved(graph, x.name, { shape: [n * c, h, factor, width], perm: [0, 2, 1, 3] });
  const columns = moved(graph, rows, { shape: [n * c * factor, h * w, factor], perm: [0, 2, 1] });
  return graph.node('Reshape', [columns, graph.integers(n, c * cells, h, w)]);
}
