import { LascauxError } from '@lascaux/nn';

/** EXIF 2.3, table 9: the eight bytes that name a comment's character code. */
const UNICODE = Buffer.from('UNICODE\0', 'latin1');
const ASCII = Buffer.from('ASCII\0\0\0', 'latin1');
/** An APP1 segment holds 65,533 bytes; the rest of the EXIF block needs a few hundred. */
const LARGEST_COMMENT = 64_000;

/**
 * A run of letters exactly as long as the text in UTF-16, or undefined when the text is too long for EXIF. The encoder
 * can only write ASCII comments, so it is given this and {@link embedUserComment} puts the real text in its place.
 */
export function placeholderFor(text: string): string | undefined {
  const length = 2 * text.length;
  return length === 0 || length > LARGEST_COMMENT ? undefined : 'Q'.repeat(length);
}

/** The encoded file with the placeholder comment replaced by the text, as `UNICODE` and big-endian UTF-16. */
export function embedUserComment(file: Uint8Array, placeholder: string, text: string): Uint8Array {
  const bytes = Buffer.from(file);
  const start = bytes.indexOf(Buffer.concat([ASCII, Buffer.from(placeholder, 'latin1')]));
  if (start < 0) {
    throw new LascauxError({
      operation: 'write EXIF',
      rule: 'the encoder must have written the comment',
      value: `${file.length} bytes without it`,
      kind: 'failure',
    });
  }
  bytes.set(UNICODE, start);
  bytes.set(Buffer.from(text, 'utf16le').swap16(), start + UNICODE.length);
  return bytes;
}

/** The EXIF UserComment (tag 0x9286) of an EXIF block, decoded by its character code; undefined when there is none. */
export function readUserComment(exif: Uint8Array): string | undefined {
  const block = Buffer.from(exif);
  const base = block.subarray(0, 6).toString('latin1') === 'Exif\0\0' ? 6 : 0;
  const tiff = block.subarray(base);
  if (tiff.length < 8) return undefined;
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const exifFolder = findEntry({ tiff, little, folder: readInteger(tiff, 4, little), tag: 0x8769 });
  const comment = exifFolder && findEntry({ tiff, little, folder: exifFolder.value, tag: 0x9286 });
  return comment && decodeComment(tiff.subarray(comment.value, comment.value + comment.count), little);
}

function decodeComment(data: Buffer, little: boolean): string {
  const body = data.subarray(8);
  if (!data.subarray(0, 8).equals(UNICODE)) return body.toString('utf8').replace(/\0+$/, '');
  if (isUtf8(body)) return body.toString('utf8');
  const even = Buffer.from(body.subarray(0, body.length & ~1));
  return (isBigEndian(even, little) ? even.swap16() : even)
    .toString('utf16le')
    .replace(/^\uFEFF/, '')
    .replace(/\0+$/, '');
}

/** EXIF 3.0 allows UTF-8 under `UNICODE`: no byte is a control character there, as one in most UTF-16 texts is. */
function isUtf8(body: Buffer): boolean {
  const isText = (byte: number): boolean => byte >= 32 || byte === 9 || byte === 10 || byte === 13;
  return body.every(isText) && Buffer.from(body.toString('utf8')).equals(body);
}

/** Writers disagree with the block's byte order; a byte order mark or English text and the pairs' names tell which it is. */
function isBigEndian(body: Buffer, little: boolean): boolean {
  const mark = body.length > 1 ? body.readUInt16BE(0) : 0;
  if (mark === 0xfeff || mark === 0xfffe) return mark === 0xfeff;
  const balance = zeroBalance(body);
  return balance === 0 ? !little : balance > 0;
}

/** In UTF-16 text with some ASCII in it, the byte that is mostly zero is the high one: above 0 when that is the first of each two. */
function zeroBalance(body: Buffer): number {
  let balance = 0;
  for (let index = 0; index + 1 < body.length; index += 2) {
    balance += Number(body[index] === 0) - Number(body[index + 1] === 0);
  }
  return balance;
}

function findEntry(search: { tiff: Buffer; little: boolean; folder: number; tag: number }) {
  const { tiff, little, folder, tag } = search;
  if (folder + 2 > tiff.length) return undefined;
  const entries = little ? tiff.readUInt16LE(folder) : tiff.readUInt16BE(folder);
  for (let offset = folder + 2; offset + 12 <= tiff.length && offset < folder + 2 + 12 * entries; offset += 12) {
    const found = little ? tiff.readUInt16LE(offset) : tiff.readUInt16BE(offset);
    if (found === tag)
      return { count: readInteger(tiff, offset + 4, little), value: readInteger(tiff, offset + 8, little) };
  }
  return undefined;
}

function readInteger(tiff: Buffer, offset: number, little: boolean): number {
  return little ? tiff.readUInt32LE(offset) : tiff.readUInt32BE(offset);
}
