import { crc32, inflateSync } from 'node:zlib';
import { LascauxError, check, limits } from '@lascaux/nn';

/** One chunk of a PNG file: its four-letter type and its bytes (PNG specification, section 5.3). */
export interface PngChunk {
  type: string;
  data: Uint8Array;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const malformed = (rule: string, value: unknown): LascauxError =>
  new LascauxError({ operation: 'read PNG', rule, value, kind: 'failure' });

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
    const type = Buffer.from(bytes.subarray(offset + 4, offset + 8)).toString('latin1');
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
export function writePngChunks(chunks: readonly PngChunk[]): Uint8Array {
  return Buffer.concat([SIGNATURE, ...chunks.map(encodeChunk)]);
}

function encodeChunk({ type, data }: PngChunk): Uint8Array {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
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
  if (isLatin1(text)) return { type: 'tEXt', data: Buffer.from(`${keyword}\0${text}`, 'latin1') };
  // keyword, separator, no compression (flag and method), empty language, empty translated keyword
  return {
    type: 'iTXt',
    data: Buffer.concat([Buffer.from(`${keyword}\0\0\0\0\0`, 'latin1'), Buffer.from(text, 'utf8')]),
  };
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
  const keyword = Buffer.from(data.subarray(0, separator)).toString('latin1');
  const rest = data.subarray(separator + 1);
  if (type === 'tEXt') return { keyword, text: latin1OrUtf8(rest) };
  if (type === 'zTXt') return { keyword, text: latin1OrUtf8(inflate(rest.subarray(1))) };
  const languageEnd = rest.indexOf(0, 2);
  const translationEnd = rest.indexOf(0, languageEnd + 1);
  if (languageEnd < 0 || translationEnd < 0) return undefined;
  const body = rest.subarray(translationEnd + 1);
  return { keyword, text: (rest[0] === 1 ? inflate(body) : Buffer.from(body)).toString('utf8') };
}

/** Latin-1 by the specification; StabilityMatrix, stable-diffusion.cpp and others write UTF-8, which Latin-1 text is by chance only. */
function latin1OrUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

function inflate(data: Uint8Array): Buffer {
  try {
    return inflateSync(data, { maxOutputLength: limits.imageTextBytes });
  } catch (cause) {
    throw new LascauxError({
      operation: 'read PNG',
      rule: 'compressed text must inflate to 16 MB or less',
      value: (cause as Error).message,
      kind: 'failure',
      cause,
    });
  }
}
