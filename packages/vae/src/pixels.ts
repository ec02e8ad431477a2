import { check } from '@lascaux/nn';

/** Width and height in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Image [3, height, width] in [−1, 1] → bytes [height, width, 3] in 0 … 255: clamp(x/2 + ½, 0, 1) rounded.
 * @throws LascauxError when a value is not a number, or the count does not match the size.
 */
export function imageToBytes(image: Float32Array, { width, height }: ImageSize): Uint8Array {
  const cells = checkedCells(image.length, { width, height });
  const bytes = new Uint8Array(3 * cells);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < cells; i++) {
      const value = image[channel * cells + i] as number;
      if (Number.isNaN(value)) throwNotANumber();
      bytes[3 * i + channel] = Math.round(255 * Math.min(1, Math.max(0, value / 2 + 0.5)));
    }
  }
  return bytes;
}

/** Bytes [height, width, 3] → image [3, height, width] in [−1, 1]: x/127.5 − 1. */
export function bytesToImage(bytes: Uint8Array, { width, height }: ImageSize): Float32Array {
  const cells = checkedCells(bytes.length, { width, height });
  const image = new Float32Array(3 * cells);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < cells; i++) image[channel * cells + i] = (bytes[3 * i + channel] as number) / 127.5 - 1;
  }
  return image;
}

function checkedCells(length: number, { width, height }: ImageSize): number {
  check(length === 3 * width * height, {
    operation: 'pixels',
    rule: `a picture of ${width}x${height} must have ${3 * width * height} values`,
    value: length,
  });
  return width * height;
}

function throwNotANumber(): never {
  check(false, { operation: 'decode', rule: 'the picture must consist of numbers', value: Number.NaN });
}
