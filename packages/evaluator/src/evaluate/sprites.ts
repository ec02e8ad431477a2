import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { imageFacts } from '@lascaux/data';
import type { PictureSource, RgbPicture } from '../index.js';
import { LascauxError, check } from '@lascaux/nn';
import { decodePicture } from './decode-picture.js';
import { fileStamp } from './file-stamp.js';

/** Decoded files that are kept: pictures are read in order, so the next one's lines lie in the same file. */
const KEPT = 2;

/**
 * Small square pictures without loss in few files: each line of pixels of a sprites file is one picture of side √width, its pixels row after
 * row.
 *
 * @throws LascauxError (usage) when a file is no picture, or its width no square.
 */
export async function openSprites(files: readonly string[]): Promise<readonly PictureSource[]> {
  const kept = new Map<string, Promise<RgbPicture>>();
  const decoded = (file: string): Promise<RgbPicture> => {
    const known = kept.get(file);
    if (known) return known;
    if (kept.size >= KEPT) kept.delete(kept.keys().next().value ?? '');
    const made = readFile(file).then((bytes) => decodePicture(bytes, { name: file, alpha: 'ignore' }));
    kept.set(file, made);
    return made;
  };
  const sources: PictureSource[] = [];
  for (const file of files) {
    const { width, height } = await sizeOf(file);
    const side = Math.sqrt(width);
    check(Number.isInteger(side), {
      operation: file,
      rule: 'the width of a sprites file must be a square number of pixels, each line being a square picture',
      value: width,
      kind: 'usage',
    });
    const stamp = await fileStamp(file);
    for (let row = 0; row < height; row++) {
      sources.push({
        name: `${basename(file)}#${row}`,
        read: async () => (await decoded(file)).pixels.slice(3 * row * width, 3 * (row + 1) * width) as Uint8Array,
        decode: (pixels) => Promise.resolve({ pixels, width: side, height: side }),
        stamp: () => Promise.resolve(`${stamp}|${row}`),
      });
    }
  }
  return sources;
}

async function sizeOf(file: string): Promise<{ width: number; height: number }> {
  try {
    return await imageFacts({ source: file, name: file });
  } catch (cause) {
    if (cause instanceof LascauxError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({
      operation: file,
      rule: `must be a sprites file, a picture (${reason})`,
      kind: 'usage',
      cause,
    });
  }
}
