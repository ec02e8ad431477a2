import type { Shape } from '../program/shape.js';
import type { GraphBuilder, GraphTensor } from './graph-builder.js';
import type { OnnxNode } from './model.js';

/** ONNX Runtime's own operator set. */
const DOMAIN = 'com.microsoft';

/** The axes [N, T, heads, d] with heads and tokens exchanged, and of keys, d before tokens. */
const HEADS_FIRST = [0, 2, 1, 3];
const KEYS = [0, 2, 3, 1];

/** The node whose output is the tensor, where it is of this type. */
function madeBy(graph: GraphBuilder, name: string | undefined, type: string): OnnxNode | undefined {
  const node = name === undefined ? undefined : graph.producer(name);
  return node?.type === type && node.domain === undefined ? node : undefined;
}

/** The tensor before an exchange of axes. */
function before(graph: GraphBuilder, name: string | undefined, permutation: readonly number[]): string | undefined {
  const node = madeBy(graph, name, 'Transpose');
  const order = node?.attributes.perm;
  const isSame = Array.isArray(order) && permutation.every((axis, i) => order[i] === axis);
  return isSame ? node?.inputs[0] : undefined;
}

/** Queries [N, T, heads, d] and the factor they were given. */
function scaledQueries(graph: GraphBuilder, name: string | undefined): { query: string; scale: number } | undefined {
  const plain = before(graph, name, HEADS_FIRST);
  if (plain !== undefined) return { query: plain, scale: 1 };
  const [moved, factor] = madeBy(graph, name, 'Mul')?.inputs ?? [];
  const query = before(graph, moved, HEADS_FIRST);
  const scale = factor === undefined ? undefined : graph.scalar(factor);
  return query === undefined || scale === undefined ? undefined : { query, scale };
}

/**
 * Attention as one MultiHeadAttention of ONNX Runtime, where the tensor [N, T, heads, d] that is about to become [N, T, heads·d] was made as
 * `multiHeadAttention` makes it without a mask: the runtime's kernel goes over the scores in tiles instead of keeping all of them. undefined where the
 * graph was made otherwise, or is not to be fused.
 * Why: docs/decisions/0097.
 */
export function fusedAttention(
  graph: GraphBuilder,
  { name, shape, dtype }: GraphTensor,
  target: Shape,
): string | undefined {
  const heads = shape[2];
  if (!graph.fusesAttention || dtype !== 'float32' || shape.length !== 4 || target.length !== 3) return undefined;
  if (typeof heads !== 'number' || typeof shape[3] !== 'number' || target[2] !== heads * shape[3]) return undefined;
  const [weights, values] = madeBy(graph, before(graph, name, HEADS_FIRST), 'MatMul')?.inputs ?? [];
  const [queries, keys] = madeBy(graph, madeBy(graph, weights, 'Softmax')?.inputs[0], 'MatMul')?.inputs ?? [];
  const scaled = scaledQueries(graph, queries);
  const [key, value] = [before(graph, keys, KEYS), before(graph, values, HEADS_FIRST)];
  if (scaled === undefined || key === undefined || value === undefined) return undefined;
  const joined = (cut: string): string => graph.node('Reshape', [cut, graph.integers(0, 0, -1)]); // [N, T, heads·d]
  return graph.nodes('MultiHeadAttention', [joined(scaled.query), joined(key), joined(value)], {
    domain: DOMAIN,
    attributes: { num_heads: heads, scale: { float: scaled.scale } },
  })[0];
}
