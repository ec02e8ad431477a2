/** Decoded pixels: rows from the top, `channels` bytes a pixel (RGB or RGBA). */
export interface Raster {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
}

/** Most pixels of an image: sharp's own limit, 0x3fff². */
const LARGEST_PIXELS = 0x3fff ** 2;

/** Throws unless both sides are whole numbers above 0 and the image has no more pixels than `most`. */
export function requireSides(format: string, sides: { width: number; height: number }, most = LARGEST_PIXELS): void {
  const { width, height } = sides;
  const isWhole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!isWhole || width * height > most)
    throw new Error(`${format}: width and height must be above 0 with at most ${most} pixels, got ${width}x${height}`);
}
