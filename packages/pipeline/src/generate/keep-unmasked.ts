import type { Mask, Picture } from '../image/picture.js';
import { isRepainted } from './source-picture.js';

/** How a painted picture is laid over its original. */
export interface KeepOptions {
  readonly mask: Mask;
  /** Pixels over which the original fades into the painting, inside what is repainted. */
  readonly feather: number;
}

/**
 * The painting where the mask repaints, the original where it keeps: kept pixels are exactly the original's. From the edge inwards the
 * painting's share grows evenly, so that no seam shows. All three are of one size.
 */
export function keepUnmasked(painted: Picture, original: Picture, { mask, feather }: KeepOptions): Picture {
  const distances = distanceToKept(mask);
  const pixels = painted.pixels.map((value, i) => {
    const share = Math.min(1, distances[Math.floor(i / 3)]! / (feather + 1));
    return Math.round(share * value + (1 - share) * original.pixels[i]!);
  });
  return { ...painted, pixels };
}

/** Steps (also diagonal ones) from every pixel to the nearest kept one, 0 on those; Infinity where nothing is kept. */
function distanceToKept({ values, width, height }: Mask): Float32Array {
  const distances = Float32Array.from(values, (value) => (isRepainted(value) ? Infinity : 0));
  const at = (x: number, y: number): number =>
    x < 0 || x >= width || y < 0 || y >= height ? Infinity : distances[y * width + x]!;

  /** Makes a pixel at most one further than its neighbours: the one beside it and three in the next row, at `side` of it. */
  function relax(pixel: number, side: number): void {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const nearest = Math.min(at(x + side, y), at(x - 1, y + side), at(x, y + side), at(x + 1, y + side));
    distances[pixel] = Math.min(distances[pixel]!, nearest + 1);
  }

  // Two sweeps are exact for this metric (Rosenfeld and Pfaltz 1966): from what lies before a pixel, then from what lies after it.
  for (let pixel = 0; pixel < distances.length; pixel++) relax(pixel, -1);
  for (let pixel = distances.length - 1; pixel >= 0; pixel--) relax(pixel, 1);
  return distances;
}
