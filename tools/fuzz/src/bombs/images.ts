import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { decodeSquare, withImage } from '@lascaux/data';
import { parseParameters, readImageInformation } from '@lascaux/pipeline/image';
import { blackPng, pngChunks, pngOf } from '../fixtures/png.js';
import type { Bomb } from './bomb.js';

/** Decoded whole, as an evaluation does. */
const decodeWhole = async (path: string): Promise<unknown> =>
  withImage({ source: await readFile(path), name: path }, (image) => image.toColourspace('srgb').raw().toBuffer()).then(
    ({ length }) => length,
  );

const image = (make: () => Uint8Array | string, read: (path: string) => Promise<unknown>): Bomb => ({
  make: (folder) => writeFile(join(folder, 'a.png'), make()),
  read: (folder) => read(join(folder, 'a.png')),
});
const square = (path: string): Promise<unknown> => decodeSquare({ source: path, size: 64, name: path });

function withTexts(count: number, text: () => Uint8Array): Buffer {
  const [first, ...rest] = pngChunks(blackPng({ width: 8, height: 8 }));
  const packed = deflateSync(text(), { level: 9 });
  const data = (i: number): Buffer => Buffer.concat([Buffer.from(`${i === 0 ? 'parameters' : i}\0\0`), packed]);
  const texts = Array.from({ length: count }, (_, i) => ({ type: 'zTXt', data: data(i) }));
  return pngOf([first!, ...texts, ...rest]);
}

async function settings(path: string): Promise<unknown> {
  const { parameters } = await readImageInformation(path);
  return parseParameters(parameters ?? '');
}

const svg = (body: string, side = 32): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" width="${side}" height="${side}">${body}</svg>`;
const blurred = Array.from(
  { length: 7 },
  (_, i) => `<g id="g${i + 1}" filter="url(#f)">${`<use x:href="#g${i}"/>`.repeat(10)}</g>`,
);
const large = { width: 16_383, height: 16_383 };

/** A bitmap of 8 bits a pixel whose few codes leave all of it black. */
function runLengthBmp(width: number, height: number): Buffer {
  const bmp = Buffer.alloc(54 + 4 + 2);
  bmp.write('BM');
  for (const [at, value] of [
    [10, 58],
    [14, 40],
    [18, width],
    [22, height],
    [30, 1],
  ] as const)
    bmp.writeUInt32LE(value, at);
  bmp.writeUInt16LE(8, 28);
  bmp[59] = 1; // the image ends
  return bmp;
}
const atOnce =
  (count: number) =>
  (path: string): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => decodeWhole(path)));
const [two, eight] = [atOnce(2), atOnce(8)];

/** Images and the texts in them. */
export const imageBombs: Readonly<Record<string, Bomb>> = {
  'PNG of 268 megapixels, whole': image(() => blackPng(large), decodeWhole),
  'PNG of 110 megapixels, whole': image(() => blackPng({ width: 10_480, height: 10_480 }), decodeWhole),
  'PNG of 110 megapixels, three at once': image(
    () => blackPng({ width: 10_480, height: 10_480 }),
    (path) => Promise.all(Array.from({ length: 3 }, () => decodeWhole(path))),
  ),
  'PNG of 60 megapixels, eight at once': image(() => blackPng({ width: 7746, height: 7746 }), eight),
  'BMP of 56 megapixels of run lengths, two at once': image(() => runLengthBmp(7480, 7480), two),
  'BMP of 16,383 by 16,383 of run lengths': image(() => runLengthBmp(16_383, 16_383), decodeWhole),
  'PBM of 53 megapixels, two at once': image(
    () => Buffer.concat([Buffer.from('P4 7280 7280\n'), Buffer.alloc(910 * 7280)]),
    two,
  ),
  'PPM of 53 megapixels of 16 bits': image(
    () => Buffer.concat([Buffer.from('P6 7280 7280 65535\n'), Buffer.alloc(6 * 7280 * 7280)]),
    decodeWhole,
  ),
  'PPM in digits without an end': image(() => `P3 7000 7000 255\n${'0 '.repeat(140e6)}`, decodeWhole),
  'PPM with comments of 300 MB': image(() => Buffer.concat([Buffer.from('P6 #'), Buffer.alloc(3e8, 'x')]), decodeWhole),
  'PNG of 110 megapixels, for training': image(() => blackPng({ width: 10_480, height: 10_480 }), square),
  'PNG of 200 megapixels, interlaced': image(
    () => blackPng({ width: 14_142, height: 14_142, interlaced: true }),
    square,
  ),
  'PNG of 12 megapixels of 64 bits, interlaced': image(
    () => blackPng({ width: 3500, height: 3500, bits: 16, colour: 6, interlaced: true }),
    square,
  ),
  'PNG of one column of 200 million pixels': image(() => blackPng({ width: 1, height: 200_000_000 }), square),
  'PNG with 150 texts of 16 MB': image(() => withTexts(150, () => Buffer.alloc(2 ** 24, 'a')), settings),
  'PNG with settings of 16 MB': image(() => withTexts(1, () => Buffer.alloc(2 ** 24 - 100, 'a b')), settings),
  'PNG with settings of 256 KB of quotes': image(() => withTexts(1, () => Buffer.alloc(2 ** 18, 'aa:"\\",')), settings),
  'SVG of 268 megapixels by the name of a PNG': image(() => svg('<rect width="9" height="9"/>', 16_383), decodeWhole),
  'SVG of nested blurs': image(
    () =>
      svg(
        `<filter id="f"><feGaussianBlur stdDeviation="300"/></filter><g id="g0"><rect width="9"/></g>${blurred.join('')}`,
        4000,
      ),
    square,
  ),
  'SVG that shows a file beside it': image(() => svg('<image x:href="secret.png" width="32" height="32"/>'), square),
};
