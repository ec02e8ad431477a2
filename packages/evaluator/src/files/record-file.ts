import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { LascauxError } from '@lascaux/nn';

/** Bytes of a SHA-256 digest, the key of a record. */
export const KEY_BYTES = 32;

/** A file of records of one length, each found by its key. */
export interface RecordFile {
  readonly path: string;
  readonly size: number;
  has(key: string): boolean;
  get(key: string): Uint8Array<ArrayBuffer> | undefined;
  /** Appends a record; one whose key is there already is left alone. */
  put(key: string, value: Uint8Array): void;
  close(): void;
}

/**
 * Opens a record file, making it and its folder when missing. Records are only appended, each by one write at the end of the file: a run
 * that is stopped anywhere loses at most its last record, several processes may write at once, and what a crash cut short is dropped at the
 * next opening. Memory holds keys and places.
 *
 * @throws LascauxError when the folder or the file cannot be written.
 */
export function openRecordFile(options: { folder: string; name: string; valueBytes: number }): RecordFile {
  const { folder, name, valueBytes } = options;
  const path = join(folder, name.replaceAll(/[^\w.-]/g, '_'));
  const file = openForAppending(folder, path);
  const length = KEY_BYTES + valueBytes;
  const places = new Map<string, number>();
  let scanned = 0;

  /** Takes in the keys of whole records that were appended since the last look, by whomever. */
  function scan(): void {
    const whole = Math.floor(fstatSync(file).size / length);
    const key = Buffer.alloc(KEY_BYTES);
    for (; scanned < whole; scanned++) {
      readSync(file, key, 0, KEY_BYTES, scanned * length);
      const text = key.toString('hex');
      if ((places.get(text) ?? -1) < 0) places.set(text, scanned);
    }
  }

  /** Where a key's record begins; a place below zero is known only after a look at the file. */
  function placeOf(key: string): number | undefined {
    if ((places.get(key) ?? 0) < 0) scan();
    return places.get(key);
  }

  /** Cuts what is no whole record off the end, so that the next one lies where it is looked for. */
  function dropPartial(): void {
    const { size } = fstatSync(file);
    if (size % length !== 0) ftruncateSync(file, size - (size % length));
  }

  dropPartial();
  scan();
  return {
    path,
    get size() {
      return places.size;
    },
    has: (key) => places.has(key),
    get(key) {
      const place = placeOf(key);
      if (place === undefined || place < 0) return undefined;
      const value = new Uint8Array(valueBytes);
      readSync(file, value, 0, valueBytes, place * length + KEY_BYTES);
      return value;
    },
    put(key, value) {
      if (places.has(key)) return;
      const written = writeSync(file, Buffer.concat([Buffer.from(key, 'hex'), value]));
      if (written < length) {
        dropPartial();
        throw new LascauxError({ operation: path, rule: 'a record could not be written whole', value: written });
      }
      places.set(key, -1);
    },
    close: () => closeSync(file),
  };
}

function openForAppending(folder: string, path: string): number {
  try {
    mkdirSync(folder, { recursive: true });
    return openSync(path, 'a+');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new LascauxError({
      option: 'cache',
      rule: `cannot write there (${code})`,
      value: folder,
      kind: 'usage',
      cause,
    });
  }
}
