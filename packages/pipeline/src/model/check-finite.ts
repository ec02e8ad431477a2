import { check } from '@lascaux/nn';

/**
 * Checks a network's result.
 * @throws LascauxError when a value is NaN or infinite, which damaged or overflowing weights cause.
 */
export function checkFinite(values: Float32Array, part: string): void {
  const index = values.findIndex((value) => !Number.isFinite(value));
  check(index < 0, () => ({
    operation: part,
    rule: 'the result must consist of finite numbers; the weights may be damaged or overflow',
    value: values[index],
  }));
}
