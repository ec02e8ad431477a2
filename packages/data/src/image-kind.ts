import { LascauxError, checkNoPointer } from '@lascaux/nn';
import { HEIC_ADVICE } from './left-out.js';

/** Bytes that tell the formats apart; a signature of Git LFS needs 42. */
const KIND_BYTES = 64;

const text = (bytes: Uint8Array, begin: number, end: number): string =>
  Buffer.from(bytes.subarray(begin, end)).toString('latin1');

/** How a file of each format begins. PNG 3, 5.2; JFIF 1.02; RFC 9649; GIF89a; TIFF 6 and BigTIFF; ISO 14496-12, 4.3. */
const beginnings: readonly ((bytes: Uint8Array) => boolean)[] = [
  (b) => text(b, 0, 8) === '\x89PNG\r\n\x1a\n',
  (b) => text(b, 0, 3) === '\xff\xd8\xff',
  (b) => text(b, 0, 4) === 'RIFF' && text(b, 8, 12) === 'WEBP',
  (b) => /^GIF8[79]a/.test(text(b, 0, 6)),
  (b) => ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(text(b, 0, 4)),
  (b) => text(b, 4, 8) === 'ftyp',
];

/** Brands of HEIF files whose images are HEVC (ISO/IEC 23008-12, annex B). */
const HEVC_BRANDS: readonly string[] = ['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'hevm', 'hevs'];

/** Whether a file is HEIC: an ISO media file with a brand of HEVC images. */
function isHeic(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  if (head.slice(4, 8) !== 'ftyp') return false;
  const end = Math.min(head.charCodeAt(2) * 256 + head.charCodeAt(3), head.length);
  const brands = [
    head.slice(8, 12),
    ...Array.from({ length: 12 }, (_, k) => head.slice(16 + 4 * k, Math.min(20 + 4 * k, end))),
  ];
  return brands.some((brand) => HEVC_BRANDS.includes(brand));
}

/** A tag after white space or a byte order mark, as XML begins. */
const isMarkup = (bytes: Uint8Array): boolean => /^(?:\xef\xbb\xbf)?\s*</.test(text(bytes, 0, KIND_BYTES));

/**
 * Refuses what is no file of pixels, before a library looks at it: SVG can name other files and ask for any amount of work.
 * Why: docs/decisions/0120.
 * @param bytes the first 64 of the file, or more
 * @throws {LascauxError} naming it
 */
export function checkImageKind(bytes: Uint8Array, name: string): void {
  if (isHeic(bytes)) throw new LascauxError({ operation: name, rule: HEIC_ADVICE });
  if (beginnings.some((begins) => begins(bytes))) return;
  checkNoPointer(bytes, name);
  const rule = isMarkup(bytes)
    ? 'SVG is not read, for it can name other files; make a PNG of it'
    : 'must be a whole image file of a known format';
  const first = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw new LascauxError({
    operation: name,
    rule,
    value: bytes.length === 0 ? 'an empty file' : `bytes ${first}`,
    accepted: ['png', 'jpeg', 'webp', 'avif', 'gif', 'tiff', 'bmp', 'ppm'],
  });
}
