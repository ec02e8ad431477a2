// Nothing here reaches a module of Node.js: a page in a browser reads and writes settings with it too.
import { LascauxError, check, limits } from '@lascaux/nn';
import { Unzlib } from 'fflate';
import { crc32 } from './crc32.js';

/** One chunk of a PNG file: its four-letter type and its bytes (PNG specification, section 5.3). */
export interface PngChunk {
  type: string;
  data: Uint8Array;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const malformed = (rule: string, value: unknown): LascauxError =>
  new LascauxError({ operation: 'read PNG', rule, value, kind: 'failure' });

/** Latin-1 as the standard has it, one byte a character; `TextDecoder` takes Windows' code page under that name. */
const latin1Text = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
const latin1Bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf8Text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Whether the bytes begin with the PNG signature. */
export function isPng(bytes: Uint8Array): boolean {
  return bytes.length >= SIGNATURE.length && SIGNATURE.every((byte, index) => bytes[index] === byte);
}

/**
 * The chunks of a PNG file in order; the data are views into `bytes`.
 * @throws LascauxError when the signature, a length or a checksum is wrong.
 */
export function readPngChunks(bytes: Uint8Array): PngChunk[] {
  if (!isPng(bytes)) throw malformed('the file must begin with the PNG signature', `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: PngChunk[] = [];
  for (let offset = SIGNATURE.length; offset < bytes.length;) {
    if (offset + 12 > bytes.length) throw malformed('the last chunk must be complete', `${bytes.length} bytes`);
    const length = view.getUint32(offset);
    const end = offset + 8 + length;
    const type = latin1Text(bytes.subarray(offset + 4, offset + 8));
    if (end + 4 > bytes.length) throw malformed(`chunk ${type} must lie inside the file`, `length ${length}`);
    if (crc32(bytes.subarray(offset + 4, end)) !== view.getUint32(end)) {
      throw malformed(`the checksum of chunk ${type} must match`, view.getUint32(end));
    }
    chunks.push({ type, data: bytes.subarray(offset + 8, end) });
    if (type === 'IEND') break; // what follows is no part of the file
    offset = end + 4;
  }
  return chunks;
}

/** A PNG file of the given chunks, with lengths and checksums computed. */
export const writePngChunks = (chunks: readonly PngChunk[]): Uint8Array =>
  joined([SIGNATURE, ...chunks.map(encodeChunk)]);

function encodeChunk({ type, data }: PngChunk): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(latin1Bytes(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** True for text that a tEXt chunk can hold: Latin-1 without a null byte, line feed being the only control character. */
const isLatin1 = (text: string): boolean => /^[\n\x20-\x7e\xa0-\xff]*$/.test(text);

/**
 * The text as a PNG chunk: tEXt where Latin-1 can hold it, else iTXt in UTF-8 (as Pillow does, so that every reader of
 * AUTOMATIC1111's pictures understands it). A null character, which neither may hold, is dropped.
 */
export function textChunk(keyword: string, value: string): PngChunk {
  const text = value.replaceAll('\0', '');
  if (isLatin1(text)) return { type: 'tEXt', data: latin1Bytes(`${keyword}\0${text}`) };
  // keyword, separator, no compression (flag and method), empty language, empty translated keyword
  return { type: 'iTXt', data: joined([latin1Bytes(`${keyword}\0\0\0\0\0`), new TextEncoder().encode(text)]) };
}

/** The PNG file with the text stored under `keyword`, just before the picture's data; an older text of that keyword is replaced. */
export function insertPngText(png: Uint8Array, keyword: string, text: string): Uint8Array {
  const chunks = readPngChunks(png).filter((chunk) => decodeText(chunk)?.keyword !== keyword);
  const position = chunks.findIndex((chunk) => chunk.type === 'IDAT');
  if (position < 0) throw malformed('a picture must have an IDAT chunk', chunks.map((chunk) => chunk.type).join(' '));
  chunks.splice(position, 0, textChunk(keyword, text));
  return writePngChunks(chunks);
}

/** The texts of a PNG file by keyword, from tEXt, zTXt and iTXt chunks. */
export function readPngTexts(png: Uint8Array): Record<string, string> {
  let length = 0;
  const texts = readPngChunks(png).flatMap((chunk) => {
    const text = decodeText(chunk);
    length += text?.text.length ?? 0;
    // A few kilobytes of zeros can hide gigabytes, in one text or in many.
    const rule = `the texts may have ${limits.imageTextBytes / 2 ** 20} MB, and have more`;
    check(length <= limits.imageTextBytes, { operation: 'read PNG', rule });
    return text ?? [];
  });
  return Object.fromEntries(texts.map(({ keyword, text }) => [keyword, text]));
}

function decodeText({ type, data }: PngChunk): { keyword: string; text: string } | undefined {
  if (type !== 'tEXt' && type !== 'zTXt' && type !== 'iTXt') return undefined;
  const separator = data.indexOf(0);
  if (separator < 0) return undefined;
  const keyword = latin1Text(data.subarray(0, separator));
  const rest = data.subarray(separator + 1);
  if (type === 'tEXt') return { keyword, text: latin1OrUtf8(rest) };
  if (type === 'zTXt') return { keyword, text: latin1OrUtf8(inflate(rest.subarray(1))) };
  const languageEnd = rest.indexOf(0, 2);
  const translationEnd = rest.indexOf(0, languageEnd + 1);
  if (languageEnd < 0 || translationEnd < 0) return undefined;
  const body = rest.subarray(translationEnd + 1);
  return { keyword, text: utf8Text(rest[0] === 1 ? inflate(body) : body) };
}

/** Latin-1 by the specification; StabilityMatrix, stable-diffusion.cpp and others write UTF-8, which Latin-1 text is by chance only. */
function latin1OrUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return latin1Text(bytes);
  }
}

/** So much compressed text is unpacked at a time, so that a bomb is noticed before it fills the memory. */
const INFLATE_BLOCK = 2 ** 14;

function inflate(data: Uint8Array): Uint8Array {
  const refused = (value: string, cause?: unknown): LascauxError => {
    const rule = `compressed text must inflate to ${limits.imageTextBytes / 2 ** 20} MB or less`;
    return new LascauxError({ operation: 'read PNG', rule, value, kind: 'failure', cause });
  };
  const parts: Uint8Array[] = [];
  let length = 0;
  let isWhole = false;
  const stream = new Unzlib((part, final) => {
    length += part.length;
    if (length > limits.imageTextBytes) throw refused(`more than ${limits.imageTextBytes} bytes`);
    parts.push(part);
    isWhole ||= final;
  });
  try {
    for (let begin = 0; begin < data.length; begin += INFLATE_BLOCK)
      stream.push(data.subarray(begin, begin + INFLATE_BLOCK), begin + INFLATE_BLOCK >= data.length);
  } catch (cause) {
    throw cause instanceof LascauxError ? cause : refused((cause as Error).message, cause);
  }
  if (!isWhole) throw refused('an unfinished stream');
  return joined(parts);
}
