import { check } from '../errors.js';
import type { Value } from '../program/program.js';
import { axisOf } from '../program/shape.js';

/**
 * The size of one axis, which a layer needs as a number because a parameter's shape depends on it.
 * @throws {LascauxError} when the axis has only a name
 */
export function knownSize(operation: string, x: Value, axis: number): number {
  const size = x.shape[axisOf(operation, axis, x.shape.length)];
  check(typeof size === 'number', {
    operation,
    rule: `axis ${axis} of [${x.shape.join(', ')}] must have a known size`,
    value: size,
  });
  return size;
}
