import { LascauxError } from '@lascaux/nn';

/**
 * Checks a network's result.
 * @throws LascauxError when a value is NaN or infinite, which damaged or overflowing weights cause.
 */
export function checkFinite(values: Float32Array, part: string): void {
  // A plain loop: this runs after every step, and an iterator or a callback for each value costs as much as the sampler.
  let finite = 0;
  while (finite < values.length && Number.isFinite(values[finite])) finite++;
  if (finite < values.length) refuse(values[finite], part);
}

function refuse(value: unknown, part: string): never {
  throw new LascauxError({
    operation: part,
    rule: 'the result must consist of finite numbers; the weights may be damaged or overflow',
    value,
  });
}
