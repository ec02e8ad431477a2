import { check } from '../errors.js';
import { applyGradientRule, seedCotangent } from './gradient-rules.js';
import { add, mul } from './ops.js';
import type { Value } from './program.js';
import { productOf } from './shape.js';

/**
 * Gradients of a scalar for values of the same program, by reverse accumulation over the calls recorded so far.
 * The result is more calls in the same program, so it can be differentiated again.
 * @param loss a value with one element
 * @param wanted the values to differentiate for; one that the loss does not depend on gets a zero gradient
 * @throws {LascauxError} when `loss` has more than one element
 */
export function gradients(loss: Value, wanted: readonly Value[]): readonly Value[] {
  check(productOf(loss.shape) === 1, {
    operation: 'gradients',
    rule: 'the loss must have one element',
    value: `[${loss.shape.join(', ')}]`,
  });
  const { builder } = loss;
  const operations = [...builder.operations];
  const reaches = dependants(operations, wanted);
  const cotangents = new Map<number, Value>([[loss.id, seedCotangent(loss)]]);
  for (const operation of operations.reverse()) {
    const cotangent = cotangents.get(operation.output);
    if (cotangent === undefined || !reaches.has(operation.output)) continue;
    const inputs = operation.inputs.map((id) => builder.at(id));
    const contributions = applyGradientRule(operation, {
      inputs,
      output: builder.at(operation.output),
      cotangent,
      attributes: operation.attributes,
    });
    inputs.forEach((input, i) => {
      const contribution = contributions[i];
      if (contribution === null || contribution === undefined || !reaches.has(input.id)) return;
      const accumulated = cotangents.get(input.id);
      cotangents.set(input.id, accumulated === undefined ? contribution : add(accumulated, contribution));
    });
  }
  return wanted.map((value) => cotangents.get(value.id) ?? mul(value, 0));
}

/** The values that depend on any of `roots`, themselves included: only through these does a gradient need to flow. */
function dependants(
  operations: readonly { readonly inputs: readonly number[]; readonly output: number }[],
  roots: readonly Value[],
): ReadonlySet<number> {
  const found = new Set(roots.map((root) => root.id));
  for (const { inputs, output } of operations) if (inputs.some((id) => found.has(id))) found.add(output);
  return found;
}
