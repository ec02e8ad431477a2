import { LascauxError, check } from '../errors.js';
import { limits } from '../limits.js';
import type { RandomAccessFile } from '../random-access-file.js';

/** A file inside an archive, stored as it is. */
export interface ZipEntry {
  /** Of the local header; the bytes follow it. */
  readonly headerOffset: number;
  readonly size: number;
  /** 0: the bytes are there as they are. */
  readonly method: number;
}

const [END, END64, LOCATOR64, CENTRAL, LOCAL] = [0x06054b50, 0x06064b50, 0x07064b50, 0x02014b50, 0x04034b50];
const [END_LENGTH, END64_LENGTH, LOCATOR_LENGTH, CENTRAL_LENGTH, LOCAL_LENGTH] = [22, 56, 20, 46, 30];
/** The end record may be followed by a comment of this many bytes. */
const LONGEST_COMMENT = 0xffff;
/** Values that stand for "see the 64-bit field". */
const [FULL16, FULL32] = [0xffff, 0xffffffff];

const bad = (file: RandomAccessFile, rule: string, value?: unknown): LascauxError =>
  new LascauxError({ operation: file.path, rule, value });

/** A whole number of 64 bits; too large ones become a number beyond any file. */
const uint64 = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

interface DirectoryPlace {
  readonly offset: number;
  readonly size: number;
  readonly entries: number;
}

async function findDirectory(file: RandomAccessFile): Promise<DirectoryPlace> {
  const length = Math.min(file.size, END_LENGTH + LONGEST_COMMENT);
  const tail = new DataView(await file.read(file.size - length, length));
  let at = length - END_LENGTH;
  while (at >= 0 && tail.getUint32(at, true) !== END) at--;
  if (at < 0) throw bad(file, 'is truncated: a zip archive ends with its directory, and there is none');
  const place = {
    entries: tail.getUint16(at + 10, true),
    size: tail.getUint32(at + 12, true),
    offset: tail.getUint32(at + 16, true),
  };
  const far = place.entries === FULL16 || place.size === FULL32 || place.offset === FULL32;
  const locator = at - LOCATOR_LENGTH;
  if (!far || locator < 0 || tail.getUint32(locator, true) !== LOCATOR64) return place;
  const end64 = uint64(tail, locator + 8);
  check(end64 + END64_LENGTH <= file.size, { operation: file.path, rule: 'the zip archive is damaged: its end' });
  const record = new DataView(await file.read(end64, END64_LENGTH));
  check(record.getUint32(0, true) === END64, { operation: file.path, rule: 'the zip archive is damaged: its end' });
  return { entries: uint64(record, 32), size: uint64(record, 40), offset: uint64(record, 48) };
}

/** The 64-bit values of an entry's extra field, for those of its 32-bit ones that are full. */
function wide(view: DataView, { begin, end }: { begin: number; end: number }, values: number[]): number[] {
  let at = begin;
  while (at + 4 <= end) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if (id === 1) {
      let field = at + 4;
      return values.map((value) => {
        if (value !== FULL32 || field + 8 > Math.min(end, at + 4 + length)) return value;
        field += 8;
        return uint64(view, field - 8);
      });
    }
    at += 4 + length;
  }
  return values;
}

/**
 * The files of a zip archive by name. Source: PKWARE's APPNOTE 6.3, with the 64-bit records of large archives. Names are only looked up, never
 * used as paths.
 * @throws {LascauxError} when the archive is cut short or damaged
 */
export async function readZipDirectory(file: RandomAccessFile): Promise<ReadonlyMap<string, ZipEntry>> {
  const place = await findDirectory(file);
  check(place.offset + place.size <= file.size && place.size <= limits.zipDirectoryBytes, {
    operation: file.path,
    rule: 'the zip archive is damaged: its directory lies outside the file',
    value: `bytes ${place.offset} to ${place.offset + place.size}`,
  });
  const buffer = await file.read(place.offset, place.size);
  const view = new DataView(buffer);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < place.entries; i++) {
    const whole = at + CENTRAL_LENGTH <= place.size && view.getUint32(at, true) === CENTRAL;
    if (!whole) throw bad(file, 'the zip archive is damaged: its directory', `entry ${i} of ${place.entries}`);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [
      number,
      number,
      number,
    ];
    const extra = at + CENTRAL_LENGTH + nameLength;
    const end = extra + extraLength;
    if (end + commentLength > place.size) throw bad(file, 'the zip archive is damaged: its directory', `entry ${i}`);
    const name = new TextDecoder().decode(new Uint8Array(buffer, at + CENTRAL_LENGTH, nameLength));
    if (entries.has(name)) throw bad(file, 'the zip archive has two files of one name', name);
    const [size = 0, , headerOffset = 0] = wide(view, { begin: extra, end }, [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ]);
    entries.set(name, { size, headerOffset, method: view.getUint16(at + 10, true) });
    at = end + commentLength;
  }
  return entries;
}

/** Where an entry's bytes begin. @throws {LascauxError} when it is compressed or lies outside the file */
export async function zipEntryStart(file: RandomAccessFile, name: string, entry: ZipEntry): Promise<number> {
  check(entry.method === 0, { operation: file.path, rule: `${name} is compressed, which PyTorch never does` });
  const damaged = { operation: file.path, rule: `is truncated or damaged: ${name} lies outside the file` };
  check(entry.headerOffset + LOCAL_LENGTH <= file.size, damaged);
  const header = new DataView(await file.read(entry.headerOffset, LOCAL_LENGTH));
  check(header.getUint32(0, true) === LOCAL, damaged);
  const start = entry.headerOffset + LOCAL_LENGTH + header.getUint16(26, true) + header.getUint16(28, true);
  check(start + entry.size <= file.size, damaged);
  return start;
}
