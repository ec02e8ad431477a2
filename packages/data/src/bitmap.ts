import { LascauxError, check, limits } from '@lascaux/nn';
import { bmpPixels, decodeBmp, isBmp } from './bmp.js';
import { decodeNetpbm, isNetpbm, netpbmPixels } from './netpbm.js';
import type { Raster } from './raster.js';

/** Bytes that the header of nearly any bitmap fits into; those of PBM, PGM and PPM may hold comments. */
export const BITMAP_HEADER_BYTES = 4096;

/** Bytes of a pixel, decoded and as what comes out. */
const PIXEL_BYTES = 6;

/** Whether the bytes begin as a bitmap that this package decodes itself. */
export const isBitmap = (first: Uint8Array): boolean => isBmp(first) || isNetpbm(first);

/**
 * Bytes that decoding a bitmap takes, its file too; as much as any may take where the header is longer than what is at hand.
 * @param first the first {@link BITMAP_HEADER_BYTES} of the file
 * @throws {LascauxError} naming it when it is too large, or its header is broken
 */
export function bitmapMemory(first: Uint8Array, { fileBytes, name }: { fileBytes: number; name: string }): number {
  const rule = `the file of a bitmap may have ${limits.bitmapFileBytes / 2 ** 20} MB`;
  check(fileBytes <= limits.bitmapFileBytes, { operation: name, rule, value: `${fileBytes} bytes` });
  const pixels = named(name, () => (isBmp(first) ? bmpPixels(first) : netpbmPixels(first)));
  return fileBytes + PIXEL_BYTES * (pixels ?? limits.bitmapPixels);
}

/** Decodes a bitmap. @throws {LascauxError} naming it when it is broken */
export const decodeBitmap = (bytes: Uint8Array, name: string): Raster =>
  named(name, () => (isBmp(bytes) ? decodeBmp(bytes) : decodeNetpbm(bytes)));

/** The decoders do not know the file's name. */
function named<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof LascauxError)) throw cause;
    throw new LascauxError({ operation: name, rule: cause.message, cause });
  }
}
