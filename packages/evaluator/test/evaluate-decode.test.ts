import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePicture } from '../src/evaluate/decode-picture.js';

const [WIDTH, HEIGHT] = [3, 2];
/** Six colours, a picture of 3×2. */
const COLOURS = Uint8Array.from([10, 20, 30, 200, 100, 50, 0, 0, 0, 255, 255, 255, 7, 77, 177, 90, 180, 45]);
const raw = { width: WIDTH, height: HEIGHT, channels: 3 } as const;
const rgb = () => sharp(COLOURS, { raw });
const decode = async (bytes: Uint8Array, alpha: 'ignore' | 'white' = 'ignore') => {
  const { pixels, width, height } = await decodePicture(bytes, { name: 'x.png', alpha });
  expect(pixels.length).toBe(3 * width * height);
  return { pixels: [...pixels], width, height };
};
const whole = { pixels: [...COLOURS], width: WIDTH, height: HEIGHT };

/** An uncompressed TIFF of one line of pixels with four inks each. */
function cmykTiff(inks: Uint8Array): Uint8Array {
  const [SHORT, LONG] = [3, 4];
  // Width, height, bits, no compression, separated inks, where the line begins, samples, rows, bytes.
  const tags = [
    [256, LONG, 1, inks.length / 4],
    [257, LONG, 1, 1],
    [258, SHORT, 4, 122],
    [259, SHORT, 1, 1],
    [262, SHORT, 1, 5],
    [273, LONG, 1, 130],
    [277, SHORT, 1, 4],
    [278, LONG, 1, 1],
    [279, LONG, 1, inks.length],
  ] as const;
  const view = new DataView(new ArrayBuffer(130 + inks.length));
  view.setUint32(0, 0x49492a00);
  view.setUint32(4, 8, true);
  view.setUint16(8, tags.length, true);
  tags.forEach(([tag, type, count, value], i) => {
    view.setUint16(10 + 12 * i, tag, true);
    view.setUint16(12 + 12 * i, type, true);
    view.setUint32(14 + 12 * i, count, true);
    view.setUint32(18 + 12 * i, value, true);
  });
  for (let i = 0; i < 4; i++) view.setUint16(122 + 2 * i, 8, true);
  const bytes = new Uint8Array(view.buffer);
  bytes.set(inks, 130);
  return bytes;
}

describe('decodePicture', () => {
  it('gives the bytes of lossless pictures, upright or not', async () => {
    expect(await decode(await rgb().png().toBuffer())).toEqual(whole);
    expect(await decode(await rgb().webp({ lossless: true }).toBuffer())).toEqual(whole);
    expect(await decode(await rgb().tiff({ compression: 'lzw' }).toBuffer())).toEqual(whole);
    expect(await decode(await rgb().withMetadata({ orientation: 6 }).png().toBuffer())).toEqual(whole);
  });

  it('ignores transparency, or puts white behind it', async () => {
    const half = Uint8Array.from([100, 50, 0, 0, 40, 40, 40, 255]);
    const png = await sharp(half, { raw: { width: 2, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    expect((await decode(png)).pixels).toEqual([100, 50, 0, 40, 40, 40]);
    expect((await decode(png, 'white')).pixels).toEqual([255, 255, 255, 40, 40, 40]);
  });

  it('puts grey into three channels and takes the high byte of 16 bits', async () => {
    const grey = await sharp(Uint8Array.of(5, 250), { raw: { width: 2, height: 1, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    expect((await decode(grey)).pixels).toEqual([5, 5, 5, 250, 250, 250]);
    const deep = Uint16Array.of(0x12ff, 0xfe01, 0x0080);
    const png = await sharp(deep, { raw: { width: 1, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(png).metadata()).depth).toBe('ushort');
    expect((await decode(png)).pixels).toEqual([0x12, 0xfe, 0x00]);
  });

  it("turns CMYK into RGB by Pillow's formula", async () => {
    const tiff = cmykTiff(Uint8Array.of(0, 0, 0, 0, 255, 0, 0, 0, 0, 128, 255, 0, 10, 20, 30, 100));
    expect((await sharp(tiff).metadata()).space).toBe('cmyk');
    // (255 − K) − C·(255 − K)/255, rounded: for the last 155 − 6.08, 155 − 12.16, 155 − 18.24.
    expect((await decode(tiff)).pixels).toEqual([255, 255, 255, 0, 255, 255, 255, 127, 0, 149, 143, 137]);
  });

  it('takes the first frame of an animation', async () => {
    const second = Uint8Array.from(COLOURS, (value) => 255 - value);
    const frames = Buffer.concat([COLOURS, second]);
    const webp = await sharp(frames, { raw: { width: WIDTH, height: 2 * HEIGHT, channels: 3, pageHeight: HEIGHT } })
      .webp({ lossless: true })
      .toBuffer();
    expect((await sharp(webp).metadata()).pages).toBe(2);
    expect(await decode(webp)).toEqual(whole);
  });

  it('refuses what is no picture or cut short, naming it', async () => {
    const noise = Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => (i * 7919 + (i >> 3) * 104729) & 255);
    const big = sharp(noise, { raw: { width: 64, height: 64, channels: 3 } });
    for (const bytes of [await big.clone().png().toBuffer(), await big.clone().jpeg().toBuffer()]) {
      await expect(decode(bytes.subarray(0, bytes.length / 2))).rejects.toThrow('x.png: must be a whole picture file');
    }
    await expect(decode(new TextEncoder().encode('hello'))).rejects.toThrow('x.png: must be a whole image file');
    await expect(decode(new Uint8Array(0))).rejects.toThrow('x.png: must be a whole image file');
  });
});
