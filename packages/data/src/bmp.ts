import { check } from '@lascaux/nn';
import { indexedRows, runLengthRows } from './bmp-indices.js';
import { requireSides, type Raster } from './raster.js';

/** Sizes of the headers that follow the file's 14 bytes: OS/2's, Windows 3's, and those with masks and colour spaces. */
const HEADER_SIZES: readonly number[] = [12, 40, 52, 56, 64, 108, 124];

const [PLAIN, RUN_LENGTH_8, RUN_LENGTH_4, BIT_FIELDS] = [0, 1, 2, 3];
/** Masks of red, green, blue and alpha where a file has none of its own. */
const MASKS_16 = [0x7c00, 0x3e0, 0x1f, 0];
const MASKS_32 = [0xff0000, 0xff00, 0xff, 0];

/** What a header says. */
interface BmpHeader {
  readonly offset: number;
  readonly width: number;
  readonly height: number;
  /** Rows run from the bottom up, unless the height is negative. */
  readonly isUpward: boolean;
  readonly bits: number;
  readonly compression: number;
  readonly masks: readonly number[];
  /** Palette: blue, green, red for each colour, `step` bytes apart. */
  readonly palette: { readonly start: number; readonly count: number; readonly step: number };
}

/** Whether the bytes begin as a Windows or OS/2 bitmap. */
export const isBmp = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x42 &&
  bytes[1] === 0x4d &&
  bytes.length > 26 &&
  HEADER_SIZES.includes(viewOf(bytes).getUint32(14, true));

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * A bitmap of 1, 2, 4, 8 (palette, also run-length coded), 16, 24 or 32 bits a pixel as Pillow reads it: the fourth byte of 32 bits is alpha
 * only where a mask says so.
 * Why: docs/decisions/0113.
 * @throws {LascauxError} when it is cut off or of another kind
 * Source: Microsoft, "Bitmap Storage"; Pillow, `BmpImagePlugin.py`.
 */
export function decodeBmp(bytes: Uint8Array): Raster {
  const header = readHeader(bytes);
  const { bits, compression } = header;
  const isRunLength = compression === RUN_LENGTH_8 || compression === RUN_LENGTH_4;
  const known = bits <= 8 ? compression === PLAIN || isRunLength : compression === PLAIN || compression === BIT_FIELDS;
  check([1, 2, 4, 8, 16, 24, 32].includes(bits) && known, {
    operation: 'bmp',
    rule: `must be of 1 to 32 bits without a codec inside, got ${bits} with compression ${compression}`,
  });
  const raster = bits <= 8 ? paletteImage(bytes, header) : directImage(bytes, header);
  if (header.isUpward) flip(raster);
  return raster;
}

/** Pixels of a bitmap, by its header. @throws {LascauxError} when it is cut off or too large */
export function bmpPixels(bytes: Uint8Array): number {
  const { width, height } = readHeader(bytes);
  return width * height;
}

function readHeader(bytes: Uint8Array): BmpHeader {
  const view = viewOf(bytes);
  const size = view.getUint32(14, true);
  checkWhole(bytes, 14 + size);
  const isOld = size === 12;
  const rawHeight = isOld ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(isOld ? 24 : 28, true);
  const compression = isOld ? PLAIN : view.getUint32(30, true);
  const hasMasks = compression === BIT_FIELDS && bytes.length >= 66;
  const masks = [54, 58, 62].map((at) => (hasMasks ? view.getUint32(at, true) : 0));
  const alpha = hasMasks && size >= 56 && bytes.length >= 70 ? view.getUint32(66, true) : 0;
  const extra = hasMasks && size === 40 ? 12 : 0; // the masks follow a header that has no place for them
  const used = isOld ? 0 : view.getUint32(46, true);
  const sides = { width: isOld ? view.getUint16(18, true) : view.getInt32(18, true), height: Math.abs(rawHeight) };
  requireSides('bmp', sides);
  return {
    offset: view.getUint32(10, true),
    ...sides,
    isUpward: rawHeight > 0,
    bits,
    compression,
    masks: hasMasks ? [...masks, alpha] : bits === 16 ? MASKS_16 : MASKS_32,
    palette: {
      start: 14 + size + extra,
      count: used > 0 && used < 256 ? used : 2 ** Math.min(bits, 8),
      step: isOld ? 3 : 4,
    },
  };
}

/** Bytes of a row, which is padded to 32 bits. */
const strideOf = ({ width, bits }: BmpHeader): number => Math.ceil((width * bits) / 32) * 4;

function requireRows(bytes: Uint8Array, header: BmpHeader): void {
  const end = header.offset + strideOf(header) * header.height;
  checkWhole(bytes, end);
}

function checkWhole({ length }: Uint8Array, needed: number): void {
  check(needed <= length, { operation: 'bmp', rule: `must be whole, got ${length} of ${needed} bytes` });
}

function paletteImage(bytes: Uint8Array, header: BmpHeader): Raster {
  const { width, height, bits, offset, compression, palette } = header;
  if (compression === PLAIN) requireRows(bytes, header);
  const source = { bytes: bytes.subarray(offset), width, height, bits };
  const indices = compression === PLAIN ? indexedRows(source, strideOf(header)) : runLengthRows(source);
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (index >= palette.count) continue; // black, as Pillow has it
    const at = palette.start + index * palette.step;
    for (let c = 0; c < 3; c++) data[3 * i + c] = bytes[at + 2 - c] ?? 0;
  }
  return { data, width, height, channels: 3 };
}

function directImage(bytes: Uint8Array, header: BmpHeader): Raster {
  requireRows(bytes, header);
  const { width, height, bits, offset, masks } = header;
  const channels = masks[3] === 0 ? 3 : 4;
  const data = new Uint8Array(channels * width * height);
  const [view, stride, step] = [viewOf(bytes), strideOf(header), bits / 8];
  const fields = (bits === 24 ? MASKS_32 : masks).slice(0, channels).map(fieldOf);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const place = offset + y * stride + x * step;
      const value = bits === 16 ? view.getUint16(place, true) : wide(view, place, bits);
      for (const { shift, largest } of fields)
        data[at++] = largest === 0 ? 0 : Math.floor((((value >>> shift) & largest) * 255) / largest);
    }
  }
  return { data, width, height, channels };
}

const wide = (view: DataView, at: number, bits: number): number =>
  bits === 32 ? view.getUint32(at, true) : view.getUint16(at, true) | (view.getUint8(at + 2) << 16);

/** A mask as the place of its lowest bit and its largest value. */
function fieldOf(mask: number): { shift: number; largest: number } {
  const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
  return { shift, largest: mask >>> shift };
}

/** Turns rows upside down where they are. */
function flip({ data, width, height, channels }: Raster): void {
  const row = (y: number): Uint8Array => data.subarray(y * width * channels, (y + 1) * width * channels);
  for (let y = 0; y < height >> 1; y++) {
    const upper = row(y).slice();
    row(y).set(row(height - 1 - y));
    row(height - 1 - y).set(upper);
  }
}
