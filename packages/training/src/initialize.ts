import { check, randomStream, sizeOf } from '@lascaux/nn';
import type { ParameterSpec, RandomStream } from '@lascaux/nn';

function draw({ shape, initializer }: ParameterSpec, stream: RandomStream): Float32Array {
  const count = sizeOf(shape);
  switch (initializer.kind) {
    case 'zeros':
      return new Float32Array(count);
    case 'ones':
      return new Float32Array(count).fill(1);
    case 'constant':
      return new Float32Array(count).fill(initializer.value);
    case 'normal':
      return stream.normal(count).map((x) => x * initializer.scale);
    case 'uniform':
      return Float32Array.from({ length: count }, () => (2 * stream.uniform() - 1) * initializer.scale);
  }
}

/** ONNX Runtime and typed arrays end somewhat above; nobody trains such a matrix on one machine. */
const MOST_ELEMENTS = 2 ** 31;

/**
 * First values of parameters, each from a stream of its own named by the parameter: adding or removing one leaves the others alone.
 * `normal` has deviation `scale`; `uniform` covers (−scale, scale).
 * @param specs what a traced network asked for
 * @param seed of the run
 * @throws {LascauxError} (usage) naming a parameter of more than 2³¹ elements
 */
export function initializeParameters(
  specs: readonly ParameterSpec[],
  seed: number | string,
): Map<string, Float32Array> {
  for (const { name, shape } of specs)
    check(sizeOf(shape) <= MOST_ELEMENTS, {
      operation: 'train',
      rule: `parameter ${name} is too large`,
      value: shape.join(' x '),
      accepted: `up to ${MOST_ELEMENTS} elements`,
      kind: 'usage',
    });
  const root = randomStream(seed).fork('parameters');
  return new Map(specs.map((spec) => [spec.name, draw(spec, root.fork(spec.name))]));
}
