import { LascauxError, renamePatiently } from '@lascaux/nn';
import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import sharp from 'sharp';
import type { ImageSize } from './pixels.js';

/** PNG bytes of an RGB picture [height, width, 3]. */
export async function encodePng(bytes: Uint8Array, { height, width }: ImageSize): Promise<Uint8Array> {
  if (bytes.length !== height * width * 3) {
    throw new LascauxError({ operation: 'png', rule: `must hold ${height}·${width}·3 bytes`, value: bytes.length });
  }
  return sharp(bytes, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/**
 * Writes an RGB picture [height, width, 3] as PNG; the file appears whole or not at all. Throws naming the file when its
 * folder is missing, read-only or full.
 */
export async function writePng(path: string, bytes: Uint8Array, size: ImageSize): Promise<void> {
  await writeWhole(path, await encodePng(bytes, size));
}

/** Writes under a temporary name, flushes, renames. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await renamePatiently(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    throw new LascauxError({
      operation: 'png',
      rule: `the file must be writable, got ${path} (${reason})`,
      cause: error,
    });
  }
}
