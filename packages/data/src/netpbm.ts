import { LascauxError, check } from '@lascaux/nn';
import { requireSides, type Raster } from './raster.js';

/** Whether the bytes begin as a PBM, PGM or PPM file. */
export const isNetpbm = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1]! >= 0x31 && bytes[1]! <= 0x36 && (isSpace(bytes[2]!) || bytes[2] === HASH);

const HASH = 0x23;
/** Blank, tab, line feed, vertical tab, form feed, carriage return. */
const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 9 && byte <= 13);

/**
 * A portable bitmap, graymap or pixmap (P1 to P6) as RGB. Values are scaled to 255 as Pillow does: round(value / largest · 255), halves
 * to even.
 * Why: docs/decisions/0113.
 * @throws {LascauxError} when it is cut off or a number is out of range
 * Source: Netpbm, "ppm" and its relatives; Pillow, `PpmImagePlugin.py`.
 */
export function decodeNetpbm(bytes: Uint8Array): Raster {
  const kind = bytes[1]! - 0x30;
  const reader = tokens(bytes, 2);
  const [width, height] = [reader.number('width'), reader.number('height')];
  requireSides('netpbm', { width, height });
  const isBitmap = kind % 3 === 1;
  const largest = isBitmap ? 1 : reader.number('largest value');
  const rule = 'the largest value must be 1 to 65535';
  check(largest > 0 && largest < 65_536, { operation: 'netpbm', rule, value: largest });
  const layout = { width, height, largest, channels: kind % 3 === 0 ? 3 : 1 } as const;
  const value =
    kind <= 3 ? plainValues(reader, layout, isBitmap) : binaryValues(bytes.subarray(reader.at() + 1), layout, isBitmap);
  return { data: asRgb(value, layout), width, height, channels: 3 };
}

/** Pixels of an image, by its header; undefined where that has not ended yet. @throws {LascauxError} when it is too large */
export function netpbmPixels(bytes: Uint8Array): number | undefined {
  const reader = tokens(bytes, 2);
  const [width, height] = [reader.number('width'), reader.number('height')];
  if (reader.at() >= bytes.length) return undefined;
  requireSides('netpbm', { width, height });
  return width * height;
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly largest: number;
  readonly channels: 1 | 3;
}

type Tokens = ReturnType<typeof tokens>;
/** The value with an index; asked for in order. */
type ValueAt = (index: number) => number;

const refused = (rule: string): LascauxError => new LascauxError({ operation: 'netpbm', rule });

/** Numbers between spaces and comments (`#` to the end of the line). */
function tokens(bytes: Uint8Array, start: number) {
  let at = start;
  const skip = (): void => {
    while (at < bytes.length && (isSpace(bytes[at]!) || bytes[at] === HASH)) {
      if (bytes[at] === HASH) while (at < bytes.length && bytes[at] !== 10 && bytes[at] !== 13) at++;
      else at++;
    }
  };
  const digit = (): number => {
    const value = (bytes[at] ?? 0) - 0x30;
    return value >= 0 && value <= 9 ? value : -1;
  };
  return {
    at: () => at,
    number: (name: string): number => {
      skip();
      let value = digit();
      if (value < 0) throw refused(`${name} must be a whole number, got none at byte ${at}`);
      for (at++; digit() >= 0; at++) value = value * 10 + digit();
      return value;
    },
    /** One digit of a plain bitmap, where spaces may be left out. */
    bit: (): number => {
      skip();
      const value = digit();
      if (value !== 0 && value !== 1) throw refused(`bits must be 0 or 1, got another at byte ${at}`);
      at++;
      return value;
    },
  };
}

function plainValues(reader: Tokens, { largest }: Layout, isBitmap: boolean): ValueAt {
  return () => {
    const value = isBitmap ? 1 - reader.bit() : reader.number('a value');
    if (value > largest) throw refused(`values must be at most ${largest}, got ${value}`);
    return value;
  };
}

function binaryValues(bytes: Uint8Array, { width, height, channels, largest }: Layout, isBitmap: boolean): ValueAt {
  const count = width * height * channels;
  const stride = Math.ceil(width / 8);
  const needed = isBitmap ? stride * height : count * (largest < 256 ? 1 : 2);
  if (bytes.length < needed) throw refused(`must be whole, got ${bytes.length} of ${needed} bytes`);
  if (isBitmap)
    return (i) => 1 - ((bytes[Math.floor(i / width) * stride + ((i % width) >> 3)]! >> (7 - ((i % width) & 7))) & 1);
  if (largest < 256) return (i) => bytes[i]!;
  return (i) => bytes[2 * i]! * 256 + bytes[2 * i + 1]!; // the high byte first
}

function asRgb(valueAt: ValueAt, { width, height, channels, largest }: Layout): Uint8Array {
  const scale = Uint8Array.from({ length: largest + 1 }, (_, value) => halfToEven((value / largest) * 255));
  const data = new Uint8Array(3 * width * height);
  const repeats = 3 / channels;
  for (let i = 0; i < width * height * channels; i++) {
    const value = scale[Math.min(valueAt(i), largest)]!;
    for (let c = 0; c < repeats; c++) data[i * repeats + c] = value;
  }
  return data;
}

function halfToEven(value: number): number {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}
