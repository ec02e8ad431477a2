import { groundNamed } from '../grounds.js';
import type { Style } from '../art.js';
import type { Atlas } from './atlas.js';
import { recolour, THING_COLOURS } from './colours.js';
import { IMAGE_SIDE, type PainterScene, type PlacedDrawing } from './scene.js';

/** Lays a drawing on the image: "over" of Porter and Duff 1984, pixel by pixel; what lies outside is cut off. */
function lay(pixels: Uint8Array, rgba: Uint8Array, { x, y, side }: PlacedDrawing): void {
  const [left, right] = [Math.max(0, -x), Math.min(side, IMAGE_SIDE - x)];
  for (let row = Math.max(0, -y); row < Math.min(side, IMAGE_SIDE - y); row++) {
    let from = (row * side + left) * 4;
    let to = ((y + row) * IMAGE_SIDE + x + left) * 3;
    for (let column = left; column < right; column++, from += 4, to += 3) {
      const alpha = rgba[from + 3]!;
      if (alpha === 0) continue;
      for (let c = 0; c < 3; c++) {
        const under = pixels[to + c]!;
        pixels[to + c] = under + (((rgba[from + c]! - under) * alpha) / 255 + 0.5);
      }
    }
  }
}

/** The drawing of an item, turned to its colour. */
function drawingOf(atlas: Atlas, { emoji, side, colour }: PlacedDrawing, style: Style): Uint8Array {
  const rgba = atlas.drawing(emoji, style, side);
  const wanted = THING_COLOURS.find(({ name }) => name === colour);
  if (wanted !== undefined) recolour(rgba, wanted);
  return rgba;
}

/** The image of a scene: RGB bytes [256, 256, 3]. */
export function paintScene(atlas: Atlas, { style, ground, items }: PainterScene): Uint8Array {
  const pixels = Buffer.alloc(IMAGE_SIDE * IMAGE_SIDE * 3, Uint8Array.from(groundNamed(ground).rgb));
  for (const item of [...items].reverse()) lay(pixels, drawingOf(atlas, item, style), item);
  return pixels;
}
