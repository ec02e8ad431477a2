import type { FileHandle } from 'node:fs/promises';

/** One field of a protobuf message in a file: a number, or a run of bytes at [begin, end). */
export interface Field {
  readonly number: number;
  readonly value: number;
  readonly begin: number;
  readonly end: number;
}

/** Gives bytes of a graph. */
export type FieldReader = (at: number, length: number) => Promise<Uint8Array>;

const WINDOW = 16 * 1024;
/** A tag and a length together have at most this many bytes. */
const LONGEST_HEADER = 20;

/** Reads bytes of a file through a window, so that walking over a graph of gigabytes reads only what lies between its weights. */
export function windowOf(file: FileHandle): FieldReader {
  let window = new Uint8Array();
  let start = 0;
  return async (at, length) => {
    if (at < start || at + length > start + window.length) {
      const { buffer, bytesRead } = await file.read(
        new Uint8Array(Math.max(WINDOW, length)),
        0,
        Math.max(WINDOW, length),
        at,
      );
      [window, start] = [buffer.subarray(0, bytesRead), at];
    }
    return window.subarray(at - start, at - start + length);
  };
}

/** The fields of the message at [begin, end); ends early where the bytes are no message. */
export async function* fieldsOf(
  read: FieldReader,
  { begin, end }: Pick<Field, 'begin' | 'end'>,
): AsyncGenerator<Field> {
  for (let at = begin; at < end;) {
    const header = await read(at, Math.min(LONGEST_HEADER, end - at));
    const tag = varint(header, 0);
    const wire = tag.value % 8;
    const number = Math.floor(tag.value / 8);
    if (wire === 0) {
      const { value, next } = varint(header, tag.next);
      yield { number, value, begin: at, end: at };
      at += next;
    } else if (wire === 2) {
      const { value, next } = varint(header, tag.next);
      at += next;
      if (at + value > end) return;
      yield { number, value, begin: at, end: at + value };
      at += value;
    } else if (wire === 5) at += tag.next + 4;
    else if (wire === 1) at += tag.next + 8;
    else return;
  }
}

/** A base-128 number at `at`, and where the next byte is (protobuf encoding). */
function varint(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let i = at; i < bytes.length; i++) {
    value += (bytes[i]! % 128) * 128 ** (i - at);
    if (bytes[i]! < 128) return { value, next: i + 1 };
  }
  return { value, next: bytes.length + 1 };
}
