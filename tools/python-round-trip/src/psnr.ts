import { check } from '@lascaux/nn';
import type { Bytes } from './case-file.js';

/**
 * Peak signal to noise ratio in decibels, 10·log₁₀(255² / mean squared difference); 99 where two pictures are equal.
 * @throws LascauxError when the sizes differ.
 */
export function psnr(one: Bytes, other: Bytes): number {
  check(one.width === other.width && one.values.length === other.values.length, {
    operation: 'psnr',
    rule: 'both pictures must have the same size',
    value: `${other.width}x${other.height}`,
    accepted: `${one.width}x${one.height}`,
  });
  const squares = one.values.reduce((sum, value, i) => sum + (value - (other.values[i] as number)) ** 2, 0);
  return squares === 0 ? 99 : 10 * Math.log10((255 ** 2 * one.values.length) / squares);
}
