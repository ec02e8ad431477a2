import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { LascauxError, check, limits } from '@lascaux/nn';
import type { ReadRange } from './tar.js';

/** An archive whose bytes can be read anywhere. */
export interface Shard {
  readonly path: string;
  /** Length in bytes, unpacked. */
  readonly size: number;
  readonly read: ReadRange;
}

const RANGE = /\{(\d+)\.\.(\d+)\}/;

/** Counts before anything is made: ten ranges of ten names are ten thousand million. */
function checkCount(pattern: string): void {
  const ranges = [...pattern.matchAll(new RegExp(RANGE, 'g'))];
  const most = { operation: 'webdataset', value: pattern, kind: 'usage' } as const;
  check(ranges.length <= limits.braceRanges, {
    ...most,
    rule: `a pattern may have ${limits.braceRanges} brace ranges`,
  });
  const count = ranges.reduce((product, [, from, to]) => product * (Number(to) - Number(from) + 1), 1);
  check(!(count > limits.archives), {
    ...most,
    rule: `a pattern may name ${limits.archives} archives, and names ${count}`,
  });
}

/**
 * Paths of a pattern with brace ranges: `a-{000..002}.tar` → a-000.tar, a-001.tar, a-002.tar; zeros in front are kept.
 * @throws {LascauxError} (usage) when there are too many, or a range falls
 */
export function expandBraces(pattern: string): string[] {
  checkCount(pattern);
  return expanded(pattern);
}

function expanded(pattern: string): string[] {
  const match = RANGE.exec(pattern);
  if (!match) return [pattern];
  const [whole, from, to] = match as unknown as [string, string, string];
  const width = from.startsWith('0') || to.startsWith('0') ? Math.max(from.length, to.length) : 0;
  const [first, last] = [Number(from), Number(to)];
  const falling = { operation: 'webdataset', rule: `a brace range must rise, got ${whole} in "${pattern}"` };
  check(last >= first, { ...falling, kind: 'usage' });
  return Array.from({ length: last - first + 1 }, (_, k) => String(first + k).padStart(width, '0')).flatMap((number) =>
    expanded(pattern.slice(0, match.index) + number + pattern.slice(match.index + whole.length)),
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
 * Opens a tar for random access. One packed by gzip is unpacked into memory, whatever its name.
 * @throws {LascauxError} when it cannot be read, or naming another packer
 */
export async function openShard(path: string): Promise<Shard> {
  try {
    const read = fileReader(path);
    const { size } = await stat(path);
    const head = Buffer.from(await read(0, 6)).toString('hex');
    if (head.startsWith('1f8b')) return await unpacked(path);
    const other = OTHER_PACKERS.find(([, magic]) => head.startsWith(magic));
    if (other) throw noTar(path, `it is packed by ${other[0]}: unpack it`);
    return { path, size, read };
  } catch (cause) {
    if (cause instanceof LascauxError) throw cause;
    throw noTar(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

const noTar = (path: string, reason: string, cause?: unknown): LascauxError =>
  new LascauxError({ operation: 'webdataset', rule: `must be a readable tar, got "${path}" (${reason})`, cause });

async function unpacked(path: string): Promise<Shard> {
  const bytes = await unzipped(path);
  return {
    path,
    size: bytes.length,
    read: async (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  };
}

/** Bytes that are unpacked at a time. */
const PIECE = 2 ** 20;

/** A packed file, piece by piece, so that it is not in memory twice. */
async function unzipped(path: string): Promise<Buffer> {
  const packed = createReadStream(path);
  const unpacked = createGunzip({ chunkSize: PIECE });
  packed.on('error', (error) => unpacked.destroy(error)).pipe(unpacked);
  const pieces: Uint8Array[] = [];
  let length = 0;
  const rule = `a packed tar may hold ${limits.packedTarBytes / 2 ** 20} MB, and this holds more; unpack it with gunzip`;
  try {
    for await (const piece of unpacked as AsyncIterable<Uint8Array>) {
      length += piece.length;
      check(length <= limits.packedTarBytes, { operation: path, rule });
      pieces.push(piece);
    }
  } finally {
    packed.destroy();
  }
  return Buffer.concat(pieces, length);
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
