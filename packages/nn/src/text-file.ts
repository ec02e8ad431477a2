import { readFile, stat } from 'node:fs/promises';
import { LascauxError, check } from './errors.js';
import { checkNoPointer } from './git-lfs.js';

/**
 * The text of a file (UTF-8), or undefined when there is no such file.
 * @param largest bytes; a larger file is refused before it is read
 * @throws {LascauxError} naming the file when it cannot be read, is no file (a folder, a pipe, a device), or is too large
 */
export async function readTextFile(path: string, largest: number): Promise<string | undefined> {
  try {
    const stats = await stat(path);
    check(stats.isFile(), { operation: path, rule: 'must be a file' });
    const { size } = stats;
    const limit = `must be ${Math.floor(largest / 2 ** 20)} MB or less`;
    check(size <= largest, { operation: path, rule: limit, value: `${size} bytes` });
    const bytes = await readFile(path);
    checkNoPointer(bytes, path);
    return bytes.toString('utf8');
  } catch (cause) {
    if (cause instanceof LascauxError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new LascauxError({ operation: path, rule: 'must be readable', value: message, cause });
  }
}
