import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeSquare } from '@lascaux/data';
import { colourPng, temporaryFolder } from './helpers.js';

const RED = { r: 255, g: 0, b: 0 };
const decode = async (source: Uint8Array, size = 4): Promise<number[]> => [
  ...(await decodeSquare({ source, size, name: 'test.png' })),
];
const all = (rgb: number[], count: number): number[] => Array.from({ length: count }, () => rgb).flat();

describe('decodeSquare', () => {
  it('keeps the bytes of a picture that has the size already', async () => {
    const bytes = Uint8Array.from({ length: 4 * 4 * 3 }, (_, i) => (i * 5) % 256);
    const png = await sharp(bytes, { raw: { width: 4, height: 4, channels: 3 } })
      .png()
      .toBuffer();
    expect(await decode(png)).toEqual([...bytes]);
  });

  it('takes the largest central square', async () => {
    const wide = await sharp({ create: { width: 24, height: 8, channels: 3, background: RED } })
      .composite([{ input: await colourPng([0, 0, 255], 8, 8), left: 8, top: 0 }])
      .png()
      .toBuffer();
    expect(await decode(wide, 8)).toEqual(all([0, 0, 255], 64));
  });

  it('makes a small picture larger', async () => {
    expect(await decode(await colourPng([10, 20, 30], 2, 3), 16)).toEqual(all([10, 20, 30], 256));
  });

  it('lays transparent parts over white', async () => {
    const half = sharp({ create: { width: 4, height: 4, channels: 4, background: { ...RED, alpha: 0 } } });
    expect(await decode(await half.png().toBuffer())).toEqual(all([255, 255, 255], 16));
    const pale = sharp({ create: { width: 4, height: 4, channels: 4, background: { ...RED, alpha: 0.2 } } });
    const [r, g, b] = await decode(await pale.png().toBuffer());
    expect([r, g, b]).toEqual([255, 204, 204]); // 0.2·red + 0.8·white
  });

  it('tells of transparent parts, not of a mere alpha channel', async () => {
    const told: string[] = [];
    const onTransparent = (name: string): void => void told.push(name);
    for (const alpha of [1, 0.5]) {
      const source = await sharp({ create: { width: 4, height: 4, channels: 4, background: { ...RED, alpha } } })
        .png()
        .toBuffer();
      await decodeSquare({ source, size: 4, name: `alpha ${alpha}`, onTransparent });
    }
    expect(told).toEqual(['alpha 0.5']);
  });

  it('reads gray, 16-bit and CMYK pictures as 8-bit RGB', async () => {
    const gray = await sharp(await colourPng([90, 90, 90]))
      .toColourspace('b-w')
      .png()
      .toBuffer();
    expect((await sharp(gray).metadata()).channels).toBe(1);
    expect(await decode(gray)).toEqual(all([90, 90, 90], 16));
    const deep = await sharp(await colourPng([10, 128, 250]))
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe('ushort');
    expect(await decode(deep)).toEqual(all([10, 128, 250], 16));
    const cmyk = await sharp(await colourPng([255, 255, 255]))
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    const [r, g, b] = await decode(cmyk);
    expect(Math.min(r!, g!, b!)).toBeGreaterThan(245);
  });

  it('takes the first frame of an animation', async () => {
    const frames = [await colourPng([255, 0, 0]), await colourPng([0, 255, 0])];
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    expect(await decode(gif)).toEqual(all([255, 0, 0], 16));
  });

  it('turns a picture upright by its EXIF tag', async () => {
    const right = await colourPng([0, 0, 255], 4, 8);
    const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: RED } })
      .composite([{ input: right, left: 4, top: 0 }])
      .withMetadata({ orientation: 6 }) // rotate 90° clockwise to view: right becomes bottom
      .png()
      .toBuffer();
    const pixels = await decode(jpeg, 8);
    expect(pixels.slice(0, 3)).toEqual([255, 0, 0]);
    expect(pixels.slice(-3)).toEqual([0, 0, 255]);
    expect(pixels.slice(7 * 3, 8 * 3)).toEqual([255, 0, 0]);
  });

  it('names the file that is cut off, no picture, or missing', async () => {
    const folder = await temporaryFolder();
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251);
    const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
    const jpeg = await sharp(whole).jpeg().toBuffer();
    const cases = {
      'cut.png': whole.subarray(0, whole.length / 2),
      'cut.jpg': jpeg.subarray(0, jpeg.length / 2),
      'text.png': Buffer.from('hello'),
      'empty.png': Buffer.alloc(0),
    };
    for (const [name, bytes] of Object.entries(cases)) {
      const path = join(folder, name);
      await writeFile(path, bytes);
      const decoded = decodeSquare({ source: path, size: 8, name: path });
      await expect(decoded).rejects.toThrow('must be a whole image file');
      await expect(decoded).rejects.toThrow(path);
    }
    const missing = join(folder, 'none.png');
    await expect(decodeSquare({ source: missing, size: 8, name: missing })).rejects.toThrow(missing);
  });

  it.each([0, -1, 1.5, NaN])('refuses the size %s', async (size) => {
    await expect(decode(await colourPng([0, 0, 0]), size)).rejects.toThrow('decode: size must be a whole number');
  });
});
