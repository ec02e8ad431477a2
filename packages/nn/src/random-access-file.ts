import type { FileHandle } from 'node:fs/promises';
import { open, stat } from 'node:fs/promises';
import { LascauxError, check } from './errors.js';
import { checkNoPointer } from './git-lfs.js';

/** A file that is read in pieces. */
export interface RandomAccessFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Exactly these bytes. @throws {LascauxError} when the file ends before them */
  read(offset: number, length: number): Promise<ArrayBuffer>;
  close(): Promise<void>;
}

/** One read of the system returns at most 2³¹ − 1 bytes. */
const LONGEST_READ = 2 ** 30;
/** Enough to tell what a file is not. */
const FIRST_BYTES = 64;

async function readExactly(
  file: FileHandle,
  { path, offset, length }: { path: string; offset: number; length: number },
): Promise<ArrayBuffer> {
  const buffer = new ArrayBuffer(length);
  let done = 0;
  while (done < length) {
    const piece = new Uint8Array(buffer, done, Math.min(length - done, LONGEST_READ));
    const { bytesRead } = await file.read(piece, 0, piece.length, offset + done);
    check(bytesRead > 0, {
      operation: path,
      rule: `is truncated: needs ${offset + length} bytes`,
      value: `${offset + done} bytes`,
    });
    done += bytesRead;
  }
  return buffer;
}

/** Opens a file for reading. @throws {LascauxError} naming the file when it cannot be opened or is no file */
export async function openRandomAccess(path: string): Promise<RandomAccessFile> {
  let file: FileHandle | undefined;
  try {
    // Before it is opened: a pipe would keep its reader waiting.
    const isFile = (await stat(path)).isFile();
    check(isFile, { operation: path, rule: 'cannot be opened: it is no file' });
    file = await open(path, 'r');
    const { size } = await file.stat();
    const handle = file;
    checkNoPointer(
      new Uint8Array(await readExactly(handle, { path, offset: 0, length: Math.min(size, FIRST_BYTES) })),
      path,
    );
    return {
      path,
      size,
      read: (offset, length) => readExactly(handle, { path, offset, length }),
      close: () => handle.close(),
    };
  } catch (cause) {
    await file?.close();
    if (cause instanceof LascauxError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({ operation: path, rule: `cannot be opened: ${reason}`, cause });
  }
}
