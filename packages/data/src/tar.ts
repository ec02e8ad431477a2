import { LascauxError, check, limits } from '@lascaux/nn';

/** Reads bytes of an archive; returns fewer than asked for only at its end. */
export type ReadRange = (offset: number, length: number) => Promise<Uint8Array>;

/** A file inside a tar archive. */
export interface TarMember {
  readonly name: string;
  /** Where its bytes begin in the archive. */
  readonly offset: number;
  /** Its length in bytes. */
  readonly size: number;
}

const BLOCK = 512;

interface Header {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

/**
 * Lists the files of a POSIX tar (ustar, with pax and GNU long names and sizes), also of several archives one behind the other,
 * by reading its headers only (why: docs/decisions/0010). `label` names the archive in errors: a wrong checksum, a member that ends outside.
 * Source: POSIX.1-2017 pax, "ustar interchange format"; GNU tar manual, "Basic Tar Format".
 */
export async function* tarMembers(read: ReadRange, total: number, label: string): AsyncGenerator<TarMember> {
  let offset = 0;
  let padding = 0;
  let override: { path?: string; size?: number } = {};
  while (offset < total) {
    const block = await read(offset, BLOCK);
    if (block.length < BLOCK) throw malformed(`must be whole, got ${label} cut off at byte ${total}`);
    offset += BLOCK;
    padding = block.every((byte) => byte === 0) ? padding + BLOCK : 0;
    if (padding > limits.tarPaddingBytes) throw malformed(`must hold files, got nothing but zeros in ${label}`);
    if (padding > 0) continue; // end of an archive; another may follow
    const header = parseHeader(block, `${label} at byte ${offset - BLOCK}`);
    const size = override.size ?? header.size;
    if (offset + size > total) {
      throw malformed(`must be whole, got ${label} cut off inside "${override.path ?? header.name}"`);
    }
    const text = async (): Promise<Uint8Array> => {
      check(size <= limits.tarTextBytes, () => ({
        operation: 'tar',
        rule: `an extended header may have ${limits.tarTextBytes} bytes, got ${size} in ${label}`,
      }));
      return read(offset, size);
    };
    if (header.type === 'L') override = { ...override, path: cString(await text()) };
    else if (header.type === 'x') override = { ...override, ...paxRecords(await text(), label) };
    else {
      if (isFile(header.type)) yield { name: override.path ?? header.name, offset, size };
      override = {};
    }
    offset += Math.ceil(size / BLOCK) * BLOCK;
  }
}

const malformed = (rule: string): LascauxError => new LascauxError({ operation: 'tar', rule });

const isFile = (type: string): boolean => type === '0' || type === '\0' || type === '7';

/** Name 0–99, size 124–135, checksum 148–155, type 156, magic 257, prefix 345–499. */
function parseHeader(block: Uint8Array, where: string): Header {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : block[i]!;
  if (octal(block.subarray(148, 156)) !== sum) throw malformed(`header checksum must match, got another in ${where}`);
  const isPosix = cString(block.subarray(257, 263)) === 'ustar';
  const prefix = isPosix ? cString(block.subarray(345, 500)) : '';
  const name = cString(block.subarray(0, 100));
  const size = number(block.subarray(124, 136));
  if (!Number.isSafeInteger(size) || size < 0) throw malformed(`size must be a whole number, got another in ${where}`);
  return { name: prefix ? `${prefix}/${name}` : name, size, type: String.fromCharCode(block[156]!) };
}

/** Octal text, or GNU's base-256 when the first bit is set. */
function number(field: Uint8Array): number {
  if ((field[0]! & 0x80) === 0) return octal(field);
  return field.reduce((value, byte, i) => value * 256 + (i === 0 ? byte & 0x7f : byte), 0);
}

function octal(field: Uint8Array): number {
  const text = cString(field).trim();
  return text === '' ? 0 : /^[0-7]+$/.test(text) ? parseInt(text, 8) : NaN;
}

/** Text up to the first NUL. */
function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8');
}

/** Records "length key=value\n", the length counting the whole record in bytes. */
function paxRecords(bytes: Uint8Array, label: string): { path?: string; size?: number } {
  const found: { path?: string; size?: number } = {};
  let rest = Buffer.from(bytes);
  while (rest.length > 0) {
    const length = parseInt(rest.subarray(0, 20).toString('latin1'), 10);
    if (!(length > 0)) break;
    const [, key, value] = /^\d+ ([^=]+)=([^]*)\n$/.exec(rest.subarray(0, length).toString('utf8')) ?? [];
    if (key === 'path' && value !== undefined) found.path = value;
    if (key === 'size' && value !== undefined) found.size = paxSize(value, label);
    rest = rest.subarray(length);
  }
  return found;
}

/** A whole number in decimal digits, nothing else: what Python and GNU tar write. */
function paxSize(text: string, label: string): number {
  const size = /^\d+$/.test(text) ? Number(text) : NaN;
  check(Number.isSafeInteger(size), {
    operation: 'tar',
    rule: `the size in an extended header must be a whole number, got "${text}" in ${label}`,
  });
  return size;
}
