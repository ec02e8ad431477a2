import type { GraphBuilder, GraphTensor } from './graph-builder.js';

/** Elements of a part: with three or four arrays of them a core's own cache is full. */
const PART = 1 << Number(process.env.PART ?? 15);

/** In how many parts of whole rows a tensor is worked on; 1 where it is small or the sizes are not known. */
function partsOf(graph: GraphBuilder, { shape }: GraphTensor): number {
  if (graph.channelBlock === 1 || !shape.every((dim) => typeof dim === 'number')) return 1;
  const total = shape.reduce((product, dim) => product * dim, 1);
  const rows = total / (shape.at(-1) ?? 1);
  let parts = 1;
  while (total / parts > PART && rows % (2 * parts) === 0) parts *= 2;
  return total > 4*PART ? parts : 1;
}

/**
 * A chain of elementwise operators over several tensors of one shape, written for one part of them after another: every operator of the
 * chain then finds its operands in the cache, where each would fetch megabytes from memory.
 */
function inParts(
  graph: GraphBuilder,
  tensors: readonly GraphTensor[],
  chain: (names: readonly string[]) => string,
): string {
  const first = tensors[0] as GraphTensor;
  const count = partsOf(graph, first);
  if (count === 1) return chain(tensors.map(({ name }) => name));
  const width = first.shape.at(-1) as number;
  const parts = tensors.map(({ name }) =>
    graph.nodes('Split', [graph.node('Reshape', [name, graph.integers(-1, width)])], {
      attributes: { axis: 0, num_outputs: count },
      outputs: count,
    }),
  );
  const done = Array.from({ length: count }, (_, i) => chain(parts.map((names) => names[i] as string)));
  return graph.node('Reshape', [
    graph.node('Concat', done, { axis: 0 }),
    graph.integers(...(first.shape as readonly number[])),
  ]);
}

/** cotangent · (Φ + x·φ) with Φ = (1 + erf u)/2 and x·φ = u·exp(−u²)/√π, u = x/√2. */
export function emitGeluGradient(graph: GraphBuilder, tensors: readonly GraphTensor[]): string {
  const number = (value: number): string => graph.literal([value], 'float32');
  return inParts(graph, tensors, ([x, cotangent]) => {
    const u = graph.node('Mul', [x as string, number(Math.SQRT1_2)]);
    const cumulative = graph.node('HardSigmoid', [graph.node('Erf', [u])], {
      alpha: { float: 0.5 },
      beta: { float: 0.5 },
    });
    const bell = graph.node('Exp', [graph.node('Neg', [graph.node('Mul', [u, u])])]);
    const slope = graph.node('Mul', [graph.node('Mul', [u, number(1 / Math.sqrt(Math.PI))]), bell]);
    return graph.node('Mul', [cotangent as string, graph.node('Add', [cumulative, slope])]);
  });
}
