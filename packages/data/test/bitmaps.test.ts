import { describe, expect, it } from 'vitest';
import { decodeSquare, withImage } from '@lascaux/data';

/** A bitmap with a header of 40 bytes (more with `extra`), and what follows it. */
function bmpOf(options: {
  width: number;
  height: number;
  bits: number;
  compression?: number;
  extra?: number[];
  tables?: number[];
  data: number[];
}): Buffer {
  const { width, height, bits, compression = 0, extra = [], tables = [], data } = options;
  const header = Buffer.alloc(54 + extra.length);
  const offset = header.length + tables.length;
  header.write('BM', 'latin1');
  header.writeUInt32LE(offset + data.length, 2);
  header.writeUInt32LE(offset, 10);
  header.writeUInt32LE(40 + extra.length, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  header.writeUInt32LE(compression, 30);
  header.set(extra, 54);
  return Buffer.concat([header, Buffer.from(tables), Buffer.from(data)]);
}

const pixelsOf = async (bytes: Uint8Array | string): Promise<number[][]> => {
  const source = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
  const { data, info } = await withImage({ source, name: 'a.bmp' }, (image) =>
    image.raw().toBuffer({ resolveWithObject: true }),
  );
  return Array.from({ length: info.width * info.height }, (_, i) => [
    ...data.subarray(i * info.channels, (i + 1) * info.channels),
  ]);
};

const [black, white, red, blue] = [
  [0, 0, 0],
  [255, 255, 255],
  [255, 0, 0],
  [0, 0, 255],
] as const;
/** Blue, green, red and an unused byte for each of black, white, red, blue. */
const palette = [0, 0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 0, 255, 0, 0, 0];
const words = (...values: number[]): number[] => [...Buffer.from(Uint32Array.from(values).buffer)];

describe('BMP', () => {
  it('reads 24 bits, the last row first, or the first with a negative height', async () => {
    const data = [0, 0, 255, 0, 255, 0, 0, 0]; // a red pixel, then a blue one below it in the file
    expect(await pixelsOf(bmpOf({ width: 1, height: 2, bits: 24, data }))).toEqual([blue, red]);
    expect(await pixelsOf(bmpOf({ width: 1, height: -2, bits: 24, data }))).toEqual([red, blue]);
  });

  it('reads palettes of 1, 4 and 8 bits', async () => {
    const row = { width: 4, height: 1, tables: palette };
    const wanted = [black, white, red, blue];
    expect(await pixelsOf(bmpOf({ ...row, bits: 8, data: [0, 1, 2, 3] }))).toEqual(wanted);
    expect(await pixelsOf(bmpOf({ ...row, bits: 4, data: [0x01, 0x23, 0, 0] }))).toEqual(wanted);
    const one = bmpOf({ width: 4, height: 1, bits: 1, tables: palette.slice(0, 8), data: [0b01100000, 0, 0, 0] });
    expect(await pixelsOf(one)).toEqual([black, white, white, black]);
  });

  it('reads run lengths', async () => {
    const data = [2, 3, 0, 3, 0, 1, 2, 0, 0, 0, 1, 1, 0, 2, 3, 0, 1, 2, 0, 1];
    const image = bmpOf({ width: 5, height: 2, bits: 8, compression: 1, tables: palette, data });
    expect(await pixelsOf(image)).toEqual([white, black, black, black, red, blue, blue, black, white, red]);
    const four = bmpOf({ width: 3, height: 1, bits: 4, compression: 2, tables: palette, data: [3, 0x12, 0, 1] });
    expect(await pixelsOf(four)).toEqual([white, red, white]);
  });

  it('reads 16 and 32 bits by their masks; alpha only where there is a mask for it', async () => {
    const plain = bmpOf({ width: 2, height: 1, bits: 16, data: [0x00, 0x7c, 0x1f, 0x00] });
    expect(await pixelsOf(plain)).toEqual([red, blue]);
    const masks = words(0xf800, 0x7e0, 0x1f);
    const fields = bmpOf({
      width: 2,
      height: 1,
      bits: 16,
      compression: 3,
      tables: masks,
      data: [0x00, 0xf8, 0xff, 0xff],
    });
    expect(await pixelsOf(fields)).toEqual([red, white]);
    const data = [1, 2, 3, 4];
    expect(await pixelsOf(bmpOf({ width: 1, height: 1, bits: 32, data }))).toEqual([[3, 2, 1]]);
    const extra = [...words(0xff0000, 0xff00, 0xff, 0xff000000), ...Array.from({ length: 52 }, () => 0)];
    const alpha = bmpOf({ width: 1, height: 1, bits: 32, compression: 3, extra, data });
    expect(await pixelsOf(alpha)).toEqual([[3, 2, 1, 4]]);
  });

  it.each([
    [
      'cut off',
      bmpOf({ width: 4, height: 4, bits: 24, data: [1, 2, 3] }),
      'a.bmp: bmp: must be whole, got 57 of 102 bytes',
    ],
    ['of no width', bmpOf({ width: 0, height: 4, bits: 24, data: [] }), 'width and height must be above 0'],
    ['too large', bmpOf({ width: 2 ** 30, height: 2 ** 30, bits: 24, data: [] }), 'got 1073741824x1073741824'],
    ['a JPEG inside', bmpOf({ width: 1, height: 1, bits: 24, compression: 4, data: [] }), 'with compression 4'],
    ['short of run lengths', bmpOf({ width: 4, height: 4, bits: 8, compression: 1, data: [] }), 'must fill the image'],
  ])('refuses one that is %s', async (_, bytes, message) => {
    await expect(decodeSquare({ source: bytes, size: 4, name: 'a.bmp' })).rejects.toThrow(message);
  });
});

describe('PBM, PGM and PPM', () => {
  it.each([
    ['P1', 'P1 # a comment\n2 1\n10', [black, white]],
    ['P2', 'P2\n2 1\n15\n15 0\n', [white, black]],
    ['P3', 'P3 2 1 255 255 0 0 0 0 255', [red, blue]],
    ['P4', 'P4 2 1\n\x80', [black, white]],
    ['P5', 'P5 2 1 255\n\xff\x00', [white, black]],
    ['P6', 'P6 2 1 255\n\xff\x00\x00\x00\x00\xff', [red, blue]],
    ['16 bits, the high byte first', 'P6 1 1 65535\n\xff\xff\x00\x00\x80\x00', [[255, 0, 128]]],
    [
      'halves rounded to even',
      'P2 3 1 6 1 3 5',
      [
        [42, 42, 42],
        [128, 128, 128],
        [212, 212, 212],
      ],
    ],
  ])('reads %s', async (_, text, wanted) => {
    expect(await pixelsOf(text)).toEqual(wanted);
  });

  it.each([
    [
      'over the limit',
      'P4 8000 8000\n',
      'a.ppm: netpbm: width and height must be above 0 with at most 56000000 pixels',
    ],
    ['cut off', 'P6 2 2 255\nabc', 'a.ppm: netpbm: must be whole, got 3 of 12 bytes'],
    ['without a size', 'P6 a', 'netpbm: width must be a whole number'],
    ['too large', 'P6 99999999 99999999 255\n', 'with at most'],
    ['beyond its largest value', 'P2 1 1 7 9', 'values must be at most 7, got 9'],
    ['no bits', 'P1 1 1 2', 'bits must be 0 or 1'],
  ])('refuses one that is %s', async (_, text, message) => {
    const source = Buffer.from(text, 'latin1');
    await expect(decodeSquare({ source, size: 4, name: 'a.ppm' })).rejects.toThrow(message);
  });
});

describe('HEIC', () => {
  it('is named, whatever the ending, and AVIF is not mistaken for it', async () => {
    const brands = (list: string): Buffer =>
      Buffer.concat([Buffer.from([0, 0, 0, 16 + list.length]), Buffer.from(`ftypmif1\0\0\0\0${list}`, 'latin1')]);
    const decode = decodeSquare({ source: brands('mif1heic'), size: 4, name: 'a.jpg' });
    await expect(decode).rejects.toThrow('a.jpg: HEIC is not supported, convert it to JPEG');
    const other = decodeSquare({ source: brands('avifmif1'), size: 4, name: 'a.jpg' });
    await expect(other).rejects.not.toThrow('HEIC is not supported');
  });
});
