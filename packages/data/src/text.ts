import { open } from 'node:fs/promises';
import { LascauxError, check, limits } from '@lascaux/nn';

/**
 * Bytes as text: UTF-8 with or without a byte order mark, or UTF-16 with one. Anything else is no guess but an error.
 * @param where the file's path, for errors
 * @throws {LascauxError} on other encodings, and on NUL characters, which UTF-16 without a mark would leave
 */
export function decodeText(bytes: Uint8Array, where: string): string {
  const text = decoded(bytes, where);
  if (text.includes('\0')) throw notUtf8(where, 'NUL characters');
  return text;
}

function decoded(bytes: Uint8Array, where: string): string {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) throw notUtf8(where, 'UTF-32');
  const isUtf16 = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
  const encoding = isUtf16 ? (a === 0xff ? 'utf-16le' : 'utf-16be') : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes); // takes the mark away
  } catch (error) {
    throw notUtf8(where, isUtf16 ? 'broken UTF-16' : 'bytes in another encoding', error);
  }
}

const notUtf8 = (where: string, got: string, cause?: unknown): LascauxError =>
  new LascauxError({
    operation: where,
    rule: `must be text in UTF-8, or in UTF-16 with a byte order mark, got ${got}`,
    cause,
  });

/**
 * The text of a file as {@link decodeText} reads it.
 * @throws {LascauxError} naming the file, also when it has more than `limit` bytes
 */
export async function readText(path: string, limit: number = limits.textBytes): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    check(size <= limit, { operation: path, rule: `text may have ${limit} bytes`, value: size });
    return decodeText(await file.readFile(), path);
  } finally {
    await file.close();
  }
}
