import { check, limits } from '@lascaux/nn';
import type { Metadata } from 'sharp';

/** Bytes of one sample, by libvips' name of its type. */
const SAMPLE_BYTES: Readonly<Record<string, number>> = { uchar: 1, char: 1, ushort: 2, short: 2, float: 4, double: 8 };
/** Bytes of a pixel that comes out: RGB. */
const DECODED = 3;

/** Formats that come line by line; all others, and the interlaced ones of these, are in memory whole before the first line comes. */
const isInLines = ({ format, isProgressive }: Metadata): boolean =>
  !isProgressive && (format === 'png' || format === 'jpeg' || format === 'tiff');

/** Bytes that decoding an image to RGB takes at most. */
export function decodingMemory(metadata: Metadata): number {
  const { width, height, channels, depth, format, isProgressive, space, orientation = 1 } = metadata;
  const stored = channels * (SAMPLE_BYTES[depth] ?? 8);
  // CMYK is turned into RGB by us, and an image on its side is turned whole.
  // Interlaced PNGs are put together in seven passes, which takes three times as long.
  const whole = !isInLines(metadata) || space === 'cmyk' || orientation > 1;
  return width * height * (DECODED + (whole ? stored : 0) + (format === 'png' && isProgressive ? 2 * stored : 0));
}

/** Refuses an image that is too large to be decoded. @throws {LascauxError} naming it */
export function checkDecodingMemory(metadata: Metadata, name: string): void {
  const megabytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
  const bytes = decodingMemory(metadata);
  check(bytes <= limits.imageMemoryBytes, () => ({
    operation: name,
    rule: `decoding an image may take ${megabytes(limits.imageMemoryBytes)} MB, and this takes ${megabytes(bytes)}`,
    value: `${metadata.width}x${metadata.height} pixels`,
  }));
}
