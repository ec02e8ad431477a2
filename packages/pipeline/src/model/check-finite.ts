import { LascauxError } from '@lascaux/nn';

/**
 * Checks a network's result.
 * @throws LascauxError when a value is NaN or infinite, which damaged or overflowing weights cause.
 */
export function checkFinite(values: Float32Array, part: string): void {
  // A plain loop: this runs after every step, and a callback for each value costs as much as the sampler.
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) refuse(values[i], part);
}

function refuse(value: unknown, part: string): never {
  throw new LascauxError({
    operation: part,
    rule: 'the result must consist of finite numbers; the weights may be damaged or overflow',
    value,
  });
}
