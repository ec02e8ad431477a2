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
  const values =
    kind <= 3 ? plainValues(reader, layout, isBitmap) : binaryValues(bytes.subarray(reader.at() + 1), layout, isBitmap);
  return { data: asRgb(values, layout), width, height, channels: 3 };
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly largest: number;
  readonly channels: 1 | 3;
}

type Values = Uint8Array | Uint16Array;

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
    number: (what: string): number => {
      skip();
      let value = digit();
      if (value < 0) throw refused(`${what} must be a whole number, got none at byte ${at}`);
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

function plainValues(reader: ReturnType<typeof tokens>, layout: Layout, isBitmap: boolean): Values {
  const { width, height, channels, largest } = layout;
  const values = new Uint16Array(width * height * channels);
  for (let i = 0; i < values.length; i++) {
    const value = isBitmap ? 1 - reader.bit() : reader.number('a value');
    if (value > largest) throw refused(`values must be at most ${largest}, got ${value}`);
    values[i] = value;
  }
  return values;
}

function binaryValues(bytes: Uint8Array, { width, height, channels, largest }: Layout, isBitmap: boolean): Values {
  const count = width * height * channels;
  const stride = Math.ceil(width / 8);
  const needed = isBitmap ? stride * height : count * (largest < 256 ? 1 : 2);
  if (bytes.length < needed) throw refused(`must be whole, got ${bytes.length} of ${needed} bytes`);
  if (!isBitmap && largest < 256) return bytes.subarray(0, count);
  const bit = (i: number): number =>
    1 - ((bytes[Math.floor(i / width) * stride + ((i % width) >> 3)]! >> (7 - ((i % width) & 7))) & 1);
  const word = (i: number): number => bytes[2 * i]! * 256 + bytes[2 * i + 1]!; // the high byte first
  const values = new Uint16Array(count);
  for (let i = 0; i < count; i++) values[i] = isBitmap ? bit(i) : word(i);
  return values;
}

function asRgb(values: Values, { width, height, channels, largest }: Layout): Uint8Array {
  const scale = Uint8Array.from({ length: largest + 1 }, (_, value) => halfToEven((value / largest) * 255));
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < data.length; i++) {
    const value = values[channels === 3 ? i : Math.floor(i / 3)]!;
    data[i] = scale[Math.min(value, largest)]!;
  }
  return data;
}

function halfToEven(value: number): number {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}
