import { open, readFile, stat } from 'node:fs/promises';
import { check, limits } from '@lascaux/nn';
import type { ReadBytes } from './png-texts.js';

/** Most files say all about themselves in so many. */
const FIRST_BYTES = 4096;

/** Refuses a file that no image fills. @throws {LascauxError} naming it */
export function checkFileSize(bytes: number, name: string): void {
  const rule = `an image file may have ${limits.imageFileBytes / 2 ** 20} MB`;
  check(bytes <= limits.imageFileBytes, { operation: name, rule, value: `${bytes} bytes` });
}

/** All bytes of an image file. @throws {LascauxError} when it is too large */
export async function readImageFile(path: string): Promise<Uint8Array> {
  checkFileSize((await stat(path)).size, path);
  return readFile(path);
}

/**
 * Looks into an image file without reading it whole; its first bytes are at hand.
 * @throws {LascauxError} when it is too large
 */
export async function withFile<T>(path: string, work: (read: ReadBytes) => Promise<T>): Promise<T> {
  const file = await open(path, 'r');
  try {
    checkFileSize((await file.stat()).size, path);
    const read: ReadBytes = async (offset, length) => {
      const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    };
    const first = await read(0, FIRST_BYTES);
    return await work(async (offset, length) =>
      offset + length <= first.length ? first.subarray(offset, offset + length) : read(offset, length),
    );
  } finally {
    await file.close();
  }
}
