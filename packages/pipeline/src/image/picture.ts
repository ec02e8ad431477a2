/** A decoded picture: `height · width · 3` bytes, RGB, row by row from the top left. */
export interface Picture {
  pixels: Uint8Array;
  width: number;
  height: number;
}

/** Where to repaint: one byte a pixel, row by row; 128 and above is repainted, below is kept. */
export interface Mask {
  readonly values: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Whether a value has what a picture has; whether that fits is another question. */
export const isPicture = (value: unknown): value is Picture => isSized(value, 'pixels');

/** The same for a mask. */
export const isMask = (value: unknown): value is Mask => isSized(value, 'values');

function isSized(value: unknown, bytes: 'pixels' | 'values'): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { width, height, [bytes]: data } = value as Record<string, unknown>;
  return Number.isSafeInteger(width) && Number.isSafeInteger(height) && ArrayBuffer.isView(data);
}
