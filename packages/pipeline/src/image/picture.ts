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
