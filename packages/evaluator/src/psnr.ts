import { LascauxError } from '@lascaux/nn';
/**
 * Peak signal-to-noise ratio in dB, 10·log₁₀(peak² / mean squared error), of two pictures in the same units.
 *
 * @param options.peak difference between the largest and the smallest value: 2 for pixels in [−1, 1] (the default),
 *   1 for [0, 1], 255 for bytes.
 * @returns Infinity for equal pictures.
 * @throws LascauxError when the lengths differ or are zero, or the peak is not positive.
 */
export function psnr(image: ArrayLike<number>, reference: ArrayLike<number>, options: { peak?: number } = {}): number {
  const { peak = 2 } = options;
  if (!(peak > 0)) throw new LascauxError({ operation: 'psnr', rule: 'peak must be positive', value: peak });
  return 10 * Math.log10((peak * peak) / meanSquaredError(image, reference));
}

/** Mean over pictures of each one's PSNR, the usual figure for an autoencoder; `pixelsPerImage` counts all channels. */
export function meanPsnr(
  images: Float32Array | Float64Array,
  references: Float32Array | Float64Array,
  options: { pixelsPerImage: number; peak?: number },
): number {
  const { pixelsPerImage, peak = 2 } = options;
  if (!(pixelsPerImage > 0) || images.length % pixelsPerImage !== 0) {
    throw new LascauxError({
      operation: 'meanPsnr',
      rule: `length must be a multiple of ${pixelsPerImage} values an image`,
      value: images.length,
    });
  }
  if (images.length !== references.length)
    throw new LascauxError({
      operation: 'meanPsnr',
      rule: `lengths must be equal, got ${images.length} and ${references.length}`,
    });
  let sum = 0;
  for (let at = 0; at < images.length; at += pixelsPerImage) {
    const stop = at + pixelsPerImage;
    sum += psnr(images.subarray(at, stop), references.subarray(at, stop), { peak });
  }
  return sum / (images.length / pixelsPerImage);
}

/** Mean of (a − b)². @throws LascauxError when the lengths differ or are zero. */
export function meanSquaredError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) {
    throw new LascauxError({
      operation: 'meanSquaredError',
      rule: `two arrays of one positive length are needed, got ${a.length} and ${b.length}`,
    });
  }
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return sum / a.length;
}
