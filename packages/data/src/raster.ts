import { check, limits } from '@lascaux/nn';

/** Decoded pixels: rows from the top, `channels` bytes a pixel (RGB or RGBA). */
export interface Raster {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
}

/** @throws {LascauxError} unless both sides are whole numbers above 0 and memory holds the image */
export function requireSides(operation: string, sides: { width: number; height: number }): void {
  const { width, height } = sides;
  const isWhole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  const rule = `width and height must be above 0 with at most ${limits.bitmapPixels} pixels, got ${width}x${height}`;
  check(isWhole && width * height <= limits.bitmapPixels, { operation, rule });
}
