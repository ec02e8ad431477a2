import type { GraphBuilder, GraphTensor } from './graph-builder.js';

/** Where a matrix is the transpose of another: the name of that one. */
function transposedFrom(graph: GraphBuilder, { name, shape }: GraphTensor): string | undefined {
  const node = graph.producer(name);
  return shape.length === 2 && node?.type === 'Transpose' ? node.inputs[0] : undefined;
}

/**
 * MatMul. ONNX Runtime makes a transpose part of the product; of the left operand that costs more on a CPU than it saves (docs/log.md,
 * 2026-11-22), so there the transpose is written with an axis of size 1 between, which the runtime leaves alone.
 */
export function emitMatrixProduct(graph: GraphBuilder, [left, right]: readonly GraphTensor[]): string {
  const [a, b] = [left as GraphTensor, right as GraphTensor];
  const source = transposedFrom(graph, a);
  const [rows, columns] = a.shape;
  if (graph.channelBlock === 1 || source === undefined || typeof rows !== 'number' || typeof columns !== 'number')
    return graph.node('MatMul', [a.name, b.name]);
  const lifted = graph.node('Reshape', [source, graph.integers(columns, 1, rows)]);
  const moved = graph.node('Transpose', [lifted], { perm: [1, 2, 0] });
  return graph.node('MatMul', [graph.node('Reshape', [moved, graph.integers(rows, columns)]), b.name]);
}
