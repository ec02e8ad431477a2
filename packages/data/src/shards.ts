import { open, readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { ReadRange } from './tar.js';

/** An archive whose bytes can be read anywhere. */
export interface Shard {
  readonly path: string;
  /** Length in bytes, unpacked. */
  readonly size: number;
  readonly read: ReadRange;
}

/** Paths of a pattern with brace ranges: `a-{000..002}.tar` → a-000.tar, a-001.tar, a-002.tar; zeros in front are kept. */
export function expandBraces(pattern: string): string[] {
  const match = /\{(\d+)\.\.(\d+)\}/.exec(pattern);
  if (!match) return [pattern];
  const [whole, from, to] = match as unknown as [string, string, string];
  const width = from.startsWith('0') || to.startsWith('0') ? Math.max(from.length, to.length) : 0;
  const [first, last] = [Number(from), Number(to)];
  if (last < first) throw new Error(`webdataset: a brace range must rise, got ${whole} in "${pattern}"`);
  return Array.from({ length: last - first + 1 }, (_, k) => String(first + k).padStart(width, '0')).flatMap((number) =>
    expandBraces(pattern.slice(0, match.index) + number + pattern.slice(match.index + whole.length)),
  );
}

/** Packers whose archives begin with these bytes, and are not read. */
const OTHER_PACKERS: readonly (readonly [name: string, magic: string])[] = [
  ['bzip2', '425a68'],
  ['xz', 'fd377a585a00'],
  ['zstd', '28b52ffd'],
  ['lz4', '04224d18'],
  ['zip', '504b0304'],
  ['7z', '377abcaf271c'],
  ['RAR', '526172211a07'],
];

/**
 * Opens a tar for random access. One packed by gzip is unpacked into memory, whatever its name. Throws when it cannot be read, or naming
 * another packer.
 */
export async function openShard(path: string): Promise<Shard> {
  try {
    const read = fileReader(path);
    const { size } = await stat(path);
    const head = Buffer.from(await read(0, 6)).toString('hex');
    if (head.startsWith('1f8b')) return await unpacked(path);
    const other = OTHER_PACKERS.find(([, magic]) => head.startsWith(magic));
    if (other) throw new Error(`it is packed by ${other[0]}: unpack it`);
    return { path, size, read };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`webdataset: must be a readable tar, got "${path}" (${reason})`, { cause: error });
  }
}

async function unpacked(path: string): Promise<Shard> {
  const bytes = await promisify(gunzip)(await readFile(path));
  return {
    path,
    size: bytes.length,
    read: async (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  };
}

/** Opens the file for each read: thousands of shards need no open handles. */
function fileReader(path: string): ReadRange {
  return async (offset, length) => {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  };
}
