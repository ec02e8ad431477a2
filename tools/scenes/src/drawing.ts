import sharp from 'sharp';
import type { Drawing } from './composite.js';

/** An SVG document as a square drawing of `side` pixels, its longer side filling the square. */
export async function rasterise(svg: string, side: number): Promise<Drawing> {
  const viewBox = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg);
  const longest = Math.max(Number(viewBox?.[1] ?? side), Number(viewBox?.[2] ?? side));
  const { data } = await sharp(Buffer.from(svg), { density: (72 * side) / longest })
    .resize(side, side, { fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 0 } })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { side, rgba: premultiplied(data) };
}

/** Colour times alpha (0…255), alpha in 0…1: what averages and blends without dark or light fringes. */
function premultiplied(rgba: Uint8Array): Float32Array {
  const out = new Float32Array(rgba.length);
  for (let i = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3]! / 255;
    out[i] = rgba[i]! * alpha;
    out[i + 1] = rgba[i + 1]! * alpha;
    out[i + 2] = rgba[i + 2]! * alpha;
    out[i + 3] = alpha;
  }
  return out;
}
