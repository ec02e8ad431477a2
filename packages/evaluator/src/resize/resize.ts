import { LascauxError } from '@lascaux/nn';
import type { AxisFilter, AxisFilterRule } from './axis-filter.js';

/** A picture of RGB bytes, [height][width][3]. */
export interface RgbPicture {
  readonly pixels: Uint8Array | Uint8ClampedArray;
  readonly height: number;
  readonly width: number;
}

const CHANNELS = 3;

/**
 * Resizes a picture with a separable filter, first along the rows, in 32-bit floats without rounding to bytes.
 *
 * @returns planes [3][height][width] in 0…255; a filter with negative lobes can leave that range.
 * @throws LascauxError when the bytes do not fill the picture or a size is not a positive integer.
 */
export function resizePicture(
  picture: RgbPicture,
  size: { height: number; width: number },
  rule: AxisFilterRule,
): Float32Array {
  requirePicture(picture);
  for (const length of [size.height, size.width]) {
    if (!Number.isInteger(length) || length < 1)
      throw new LascauxError({ operation: 'resizePicture', rule: 'sizes must be positive integers', value: length });
  }
  const rows = alongRows(picture, size.width, rule(picture.width, size.width));
  return alongColumns(rows, { ...size, from: picture.height }, rule(picture.height, size.height));
}

function requirePicture({ pixels, height, width }: RgbPicture): void {
  if (height < 1 || width < 1 || pixels.length !== height * width * CHANNELS) {
    throw new LascauxError({
      operation: 'resizePicture',
      rule: `a picture of ${width}×${height} must have ${width * height * CHANNELS} bytes`,
      value: pixels.length,
    });
  }
}

/** [height][width][3] bytes → [3][height][newWidth] floats. */
function alongRows(
  { pixels, height, width }: RgbPicture,
  newWidth: number,
  { taps, starts, weights }: AxisFilter,
): Float32Array {
  const result = new Float32Array(CHANNELS * height * newWidth);
  let out = 0;
  for (let channel = 0; channel < CHANNELS; channel++) {
    for (let y = 0; y < height; y++) {
      const row = y * width * CHANNELS + channel;
      for (let x = 0; x < newWidth; x++) {
        const from = row + (starts[x] ?? 0) * CHANNELS;
        let sum = 0;
        for (let t = 0; t < taps; t++) sum += (weights[x * taps + t] ?? 0) * (pixels[from + t * CHANNELS] ?? 0);
        result[out++] = sum;
      }
    }
  }
  return result;
}

/** [3][from][width] → [3][height][width]. */
function alongColumns(
  planes: Float32Array,
  { from, height, width }: { from: number; height: number; width: number },
  { taps, starts, weights }: AxisFilter,
): Float32Array {
  const result = new Float32Array(CHANNELS * height * width);
  const sums = new Float64Array(width);
  for (let channel = 0; channel < CHANNELS; channel++) {
    for (let y = 0; y < height; y++) {
      sums.fill(0);
      for (let t = 0; t < taps; t++) {
        const weight = weights[y * taps + t] ?? 0;
        if (weight === 0) continue;
        const row = (channel * from + (starts[y] ?? 0) + t) * width;
        for (let x = 0; x < width; x++) sums[x] = (sums[x] ?? 0) + weight * (planes[row + x] ?? 0);
      }
      result.set(sums, (channel * height + y) * width);
    }
  }
  return result;
}
