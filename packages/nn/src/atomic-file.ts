import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { LascauxError } from './errors.js';
import { renamePatiently } from './rename-patiently.js';

/**
 * Writes a file so that it is there whole or not at all: a temporary name in the same folder, flushed to the disk, then renamed.
 * @throws {LascauxError} naming the file when its folder is missing, read-only or full; nothing is left behind
 */
export async function writeFileAtomically(
  path: string,
  write: string | Uint8Array | ((file: FileHandle) => Promise<void>),
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      if (typeof write === 'function') await write(file);
      else await file.writeFile(write);
      await file.sync();
    } finally {
      await file.close();
    }
    await renamePatiently(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (cause instanceof LascauxError) throw cause;
    throw new LascauxError({
      operation: path,
      rule: `cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
}
