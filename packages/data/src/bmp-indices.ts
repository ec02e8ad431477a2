import { LascauxError } from '@lascaux/nn';

/** A bitmap's pixel data as indices into its palette. */
interface IndexSource {
  /** From the first row on. */
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly bits: number;
}

/** Palette indices [height, width] of rows of 1, 2, 4 or 8 bits a pixel, the highest bits first. */
export function indexedRows({ bytes, width, height, bits }: IndexSource, stride: number): Uint8Array {
  const indices = new Uint8Array(width * height);
  const [perByte, mask] = [8 / bits, (1 << bits) - 1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const byte = bytes[y * stride + Math.floor(x / perByte)]!;
      indices[y * width + x] = (byte >> (8 - bits * (1 + (x % perByte)))) & mask;
    }
  }
  return indices;
}

/**
 * Palette indices [height, width] of run-length coded rows (BI_RLE8, BI_RLE4): pairs of count and value, or 0 and a code: 0 ends the line,
 * 1 the image, 2 moves on, larger ones count plain values that follow, padded to 16 bits. What is never written is 0.
 * @throws {LascauxError} when the codes end before the image does
 */
export function runLengthRows({ bytes, width, height, bits }: IndexSource): Uint8Array {
  const indices = new Uint8Array(width * height);
  let [at, x, y] = [0, 0, 0];
  const put = (value: number): void => {
    if (x < width && y < height) indices[y * width + x] = value;
    x++;
  };
  const nibble = (byte: number, k: number): number => (bits === 8 ? byte : k % 2 === 0 ? byte >> 4 : byte & 15);
  while (y < height) {
    const [count, value] = [bytes[at], bytes[at + 1]];
    if (count === undefined || value === undefined) {
      if (y === height - 1 && x >= width) break; // some writers leave the end mark out
      throw new LascauxError({ operation: 'bmp', rule: 'run lengths must fill the image, got too few' });
    }
    at += 2;
    if (count > 0) for (let k = 0; k < count; k++) put(nibble(value, k));
    else if (value === 0) [x, y] = [0, y + 1];
    else if (value === 1) break;
    else if (value === 2) {
      x += bytes[at] ?? 0;
      y += bytes[at + 1] ?? 0;
      at += 2;
    } else {
      const length = bits === 8 ? value : Math.ceil(value / 2);
      for (let k = 0; k < value; k++) put(nibble(bytes[at + (bits === 8 ? k : k >> 1)] ?? 0, k));
      at += length + (length % 2);
    }
  }
  return indices;
}
