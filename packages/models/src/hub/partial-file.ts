import type { Hash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { contentHash } from './content-hash.js';

/**
 * A file that is being downloaded. Bytes are written at their own offsets, each after those before it, and the file is
 * never cut, only deleted: so its length says how much of it is right, and a second writer of the same content does no harm.
 */
export interface PartialFile {
  /** Bytes that are there. */
  readonly length: number;
  readonly append: (bytes: Uint8Array) => Promise<void>;
  /** Starts over with an empty file. */
  readonly restart: () => Promise<void>;
  /** Closes, and tells whether the content has the hash. */
  readonly finish: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** What the file is to become. */
interface Expected {
  /** Bytes. */
  readonly size: number;
  readonly etag: string;
}

const BLOCK = 1 << 20;

/** Opens what an earlier download left at `path`, or an empty file. What is longer than the whole is not a part of it. */
export async function openPartialFile(path: string, { size, etag }: Expected): Promise<PartialFile> {
  let file = await open(path, 'r+').catch(() => createEmpty(path));
  if ((await file.stat()).size > size) file = await replace(file, path);
  let hash = contentHash(etag, size);
  let length = await hashExisting(file, hash);

  return {
    get length() {
      return length;
    },
    async append(bytes) {
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await file.write(bytes, written, bytes.length - written, length + written);
        written += bytesWritten;
      }
      hash.update(bytes);
      length += bytes.length;
    },
    async restart() {
      file = await replace(file, path);
      hash = contentHash(etag, size);
      length = 0;
    },
    async finish() {
      await file.close();
      return hash.digest('hex') === etag;
    },
    close: async () => file.close(),
  };
}

const createEmpty = (path: string): Promise<FileHandle> => open(path, 'wx+').catch(() => open(path, 'r+'));

async function replace(file: FileHandle, path: string): Promise<FileHandle> {
  await file.close();
  await rm(path, { force: true });
  return createEmpty(path);
}

/** Hashes what is there; no more than the length says, for a device has no end. */
async function hashExisting(file: FileHandle, hash: Hash): Promise<number> {
  const { size } = await file.stat();
  const block = new Uint8Array(Math.min(BLOCK, size));
  let position = 0;
  while (position < size) {
    const { bytesRead } = await file.read(block, 0, Math.min(block.length, size - position), position);
    if (bytesRead === 0) break;
    hash.update(block.subarray(0, bytesRead));
    position += bytesRead;
  }
  return position;
}
