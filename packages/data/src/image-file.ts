import { open, readFile, stat } from 'node:fs/promises';
import { check, limits } from '@lascaux/nn';

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

/** The first bytes of a file, or all where there are fewer. */
export async function firstBytes(path: string, count: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    checkFileSize((await file.stat()).size, path);
    const { buffer, bytesRead } = await file.read(new Uint8Array(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
