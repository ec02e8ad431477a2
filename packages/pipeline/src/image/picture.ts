/** A decoded picture: `height · width · 3` bytes, RGB, row by row from the top left. */
export interface Picture {
  pixels: Uint8Array;
  width: number;
  height: number;
}
