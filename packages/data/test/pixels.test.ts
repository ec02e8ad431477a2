import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodePng, fromPixels, imagesFromPixels, makeGrid, saveGrid, toPixels, writePng } from '@lascaux/data';
import { temporaryFolder } from './helpers.js';

const size = { height: 1, width: 2 };

describe('toPixels and fromPixels', () => {
  it('turns interleaved bytes into planes in [−1, 1]', () => {
    expect([...toPixels(Uint8Array.of(0, 51, 102, 255, 204, 153), size)]).toEqual(
      [-1, 1, -0.6, 0.6, -0.2, 0.2].map(Math.fround),
    );
  });

  it('gives every byte back', () => {
    const bytes = Uint8Array.from({ length: 768 }, (_, i) => i % 256);
    const square = { height: 16, width: 16 };
    expect(fromPixels(toPixels(bytes, square), square)).toEqual(bytes);
  });

  it('cuts what is outside and turns NaN into 0', () => {
    expect([...fromPixels(Float32Array.of(-9, 9, NaN, 0, Infinity, -1), size)]).toEqual([0, 0, 255, 255, 128, 0]);
  });

  it('writes into the target and splits a batch', () => {
    const batch = new Float32Array(12);
    toPixels(Uint8Array.of(1, 2, 3, 4, 5, 6), size, batch.subarray(6));
    expect(imagesFromPixels(batch, size).map((image) => [...image])).toEqual([
      [128, 128, 128, 128, 128, 128],
      [1, 2, 3, 4, 5, 6],
    ]);
  });

  it('refuses wrong lengths', () => {
    expect(() => toPixels(new Uint8Array(5), size)).toThrow('toPixels: must hold 3·1·2 values, got 5');
    expect(() => toPixels(new Uint8Array(6), size, new Float32Array(7))).toThrow('got 7');
    expect(() => fromPixels(new Float32Array(5), size)).toThrow('fromPixels');
    expect(() => imagesFromPixels(new Float32Array(7), size)).toThrow('whole number of 3·1·2 values, got 7');
  });
});

describe('PNGs and grids', () => {
  it('writes a PNG that decodes to the same bytes and leaves no other file', async () => {
    const folder = await temporaryFolder();
    const bytes = Uint8Array.of(1, 2, 3, 250, 251, 252);
    await writePng(join(folder, 'a.png'), bytes, size);
    expect([...(await sharp(join(folder, 'a.png')).raw().toBuffer())]).toEqual([...bytes]);
    expect(await readdir(folder)).toEqual(['a.png']);
    await expect(encodePng(bytes, { height: 2, width: 2 })).rejects.toThrow('png: must hold 2·2·3 bytes, got 6');
  });

  it('leaves nothing behind when the place cannot be written', async () => {
    const folder = await temporaryFolder();
    await expect(writePng(join(folder, 'none', 'a.png'), new Uint8Array(6), size)).rejects.toThrow(
      /^png: the file must be writable, got .*a\.png \(ENOENT/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('lays pictures out row by row on white', async () => {
    const pictures = [1, 2, 3].map((value) => new Uint8Array(3).fill(value));
    const grid = await makeGrid(pictures, { height: 1, width: 1, columns: 2, gap: 1 });
    expect([grid.height, grid.width]).toEqual([3, 3]);
    const firstChannel = [...grid.bytes].filter((_, i) => i % 3 === 0);
    expect(firstChannel).toEqual([1, 255, 2, 255, 255, 255, 3, 255, 255]);
  });

  it('makes room for captions and draws them', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'sheet.png');
    const picture = new Uint8Array(64 * 64 * 3);
    const captions = ['a <cat> & a "dog" on a very long light blue background', ''];
    await saveGrid(path, [picture, picture], { height: 64, width: 64, columns: 2, captions });
    const { width, height } = await sharp(path).metadata();
    expect([width, height]).toEqual([2 * 132 - 2, 64 + 26]);
  });

  it('refuses no pictures, wrong sizes and columns', async () => {
    await expect(makeGrid([], size)).rejects.toThrow('at least one picture');
    await expect(makeGrid([new Uint8Array(5)], size)).rejects.toThrow('picture 0 must hold 1·2·3 bytes, got 5');
    await expect(makeGrid([new Uint8Array(6)], { ...size, columns: 0 })).rejects.toThrow('columns must be');
  });
});
