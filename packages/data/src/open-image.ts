import { readFile } from 'node:fs/promises';
import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { decodeBmp, isBmp } from './bmp.js';
import { HEIC_ADVICE } from './left-out.js';
import { decodeNetpbm, isNetpbm } from './netpbm.js';

/** Brands of HEIF files whose images are HEVC (ISO/IEC 23008-12, annex B). */
const HEVC_BRANDS: readonly string[] = ['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'hevm', 'hevs'];

/**
 * An image file for `sharp`, by what it holds, whatever its name: what `sharp` reads, and BMP, PBM, PGM and PPM. Rejects, saying what to
 * do, for HEIC, and when the file cannot be read or is a broken bitmap.
 */
export async function openImage(source: string | Uint8Array, options: SharpOptions): Promise<Sharp> {
  const bytes = typeof source === 'string' ? await readFile(source) : source;
  if (isHeic(bytes)) throw new Error(HEIC_ADVICE);
  if (!isBmp(bytes) && !isNetpbm(bytes)) return sharp(bytes, options);
  const { data, width, height, channels } = isBmp(bytes) ? decodeBmp(bytes) : decodeNetpbm(bytes);
  return sharp(data, { ...options, raw: { width, height, channels } });
}

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

/** Whether some part of an image is not opaque; only images with an alpha channel are decoded for it. */
export async function hasTransparency(image: Sharp): Promise<boolean> {
  if (!(await image.metadata()).hasAlpha) return false;
  const alpha = await image.clone().extractChannel('alpha').raw({ depth: 'uchar' }).toBuffer();
  return alpha.some((value) => value < 255);
}
