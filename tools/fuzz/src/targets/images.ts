import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSquare } from '@lascaux/data';
import { encodeImage, parseParameters, readImageInformation } from '@lascaux/pipeline/image';
import sharp, { type Sharp } from 'sharp';
import type { Target } from './target.js';

const SIDE = 32;
const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => (i * 7 + (i >> 3) * 13) & 255);
const settings =
  'a "cat", (red:1.3)\nNegative prompt: a dog\nSteps: 20, Sampler: ddim, CFG scale: 7.5, Seed: 1, Size: 32x32';

const encodings: Readonly<Record<string, (image: Sharp) => Sharp>> = {
  png: (image) => image.png(),
  adam7: (image) => image.png({ progressive: true }),
  palette: (image) => image.png({ palette: true }),
  jpeg: (image) => image.jpeg(),
  progressive: (image) => image.jpeg({ progressive: true }),
  webp: (image) => image.webp(),
  lossless: (image) => image.webp({ lossless: true }),
  avif: (image) => image.avif(),
  gif: (image) => image.gif(),
  tiff: (image) => image.tiff(),
};

/** The name's ending says how it is changed: `.png` chunk by chunk, any other byte by byte. */
const decoding = (name: string, encode: (image: Sharp) => Sharp): Target => {
  const file = name === 'png' ? 'a.png' : 'a.image';
  return {
    async prepare(folder) {
      const image = sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } });
      await writeFile(join(folder, file), await encode(image).toBuffer());
    },
    read: (folder) => decodeSquare({ source: join(folder, file), size: 16, name: file }),
  };
};

const settingsIn = (format: 'png' | 'jpeg' | 'webp'): Target => {
  const file = format === 'png' ? 'a.png' : `a.${format}`;
  return {
    prepare: async (folder) =>
      writeFile(join(folder, file), await encodeImage({ width: SIDE, height: SIDE, pixels }, format, settings)),
    async read(folder) {
      const { parameters } = await readImageInformation(join(folder, file));
      return parameters === undefined ? undefined : parseParameters(parameters);
    },
  };
};

/** Images, and the settings in them. */
export const imageTargets: Readonly<Record<string, Target>> = {
  ...Object.fromEntries(Object.entries(encodings).map(([name, encode]) => [`image-${name}`, decoding(name, encode)])),
  'settings-png': settingsIn('png'),
  'settings-jpeg': settingsIn('jpeg'),
  'settings-webp': settingsIn('webp'),
};
