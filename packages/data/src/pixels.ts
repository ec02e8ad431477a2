import { LascauxError } from '@lascaux/nn';
/** Height and width of a picture in pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** Throws unless the array holds exactly height·width·3 values. */
function requireLength(operation: string, length: number, { height, width }: ImageSize): void {
  if (length !== height * width * 3) {
    throw new LascauxError({ operation: operation, rule: `must hold 3·${height}·${width} values`, value: length });
  }
}

/**
 * Bytes [height, width, 3] in 0…255 → pixels [3, height, width] in [−1, 1]: x = byte / 127.5 − 1.
 * Writes into `target` when given, which must hold 3·height·width values.
 */
export function toPixels(bytes: Uint8Array, size: ImageSize, target?: Float32Array): Float32Array {
  const pixels = target ?? new Float32Array(bytes.length);
  requireLength('toPixels', bytes.length, size);
  requireLength('toPixels', pixels.length, size);
  const area = size.height * size.width;
  for (let i = 0; i < area; i++) {
    pixels[i] = bytes[3 * i]! / 127.5 - 1;
    pixels[area + i] = bytes[3 * i + 1]! / 127.5 - 1;
    pixels[2 * area + i] = bytes[3 * i + 2]! / 127.5 - 1;
  }
  return pixels;
}

/**
 * Pixels [3, height, width] in [−1, 1] → bytes [height, width, 3]: round(127.5·(x + 1)), values outside are cut to 0…255.
 * NaN becomes 0.
 */
export function fromPixels(pixels: Float32Array, size: ImageSize): Uint8Array {
  requireLength('fromPixels', pixels.length, size);
  const area = size.height * size.width;
  const bytes = new Uint8Array(3 * area);
  for (let i = 0; i < area; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = Math.round(127.5 * (pixels[channel * area + i]! + 1));
      bytes[3 * i + channel] = Math.min(255, Math.max(0, value));
    }
  }
  return bytes;
}

/** The pictures of a batch [count, 3, height, width] as bytes [height, width, 3] each. Throws when it is no whole number of them. */
export function imagesFromPixels(batch: Float32Array, size: ImageSize): Uint8Array[] {
  const length = 3 * size.height * size.width;
  if (length === 0 || batch.length % length !== 0) {
    throw new LascauxError({
      operation: 'imagesFromPixels',
      rule: `must hold a whole number of 3·${size.height}·${size.width} values`,
      value: batch.length,
    });
  }
  return Array.from({ length: batch.length / length }, (_, k) =>
    fromPixels(batch.subarray(k * length, (k + 1) * length), size),
  );
}
