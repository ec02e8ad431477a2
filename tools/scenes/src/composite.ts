/** A square drawing, RGBA with premultiplied colour (0…255) and alpha in 0…1. */
export interface Drawing {
  readonly side: number;
  readonly rgba: Float32Array;
}

/** A square RGB picture being painted. */
export interface Canvas {
  readonly size: number;
  readonly pixels: Uint8Array;
}

/** Where a drawing goes: centre and side in units of the frame's side. */
export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly mirrored: boolean;
}

/** The source samples that one target sample averages: from `first`, one weight each, summing to at most 1. */
interface Tap {
  readonly first: number;
  readonly weights: Float32Array;
}

/**
 * Paints a drawing over the canvas: each pixel is the exact average of the drawing over the pixel's area (a box filter
 * at sub-pixel places), then "over" of Porter and Duff 1984. What lies outside the frame is cut off.
 */
export function drawOver(canvas: Canvas, drawing: Drawing, place: Placement): void {
  const side = place.scale * canvas.size;
  const left = place.x * canvas.size - side / 2;
  const top = place.y * canvas.size - side / 2;
  const columns = axisTaps({ offset: left, side, samples: drawing.side, size: canvas.size, reversed: place.mirrored });
  const rows = axisTaps({ offset: top, side, samples: drawing.side, size: canvas.size, reversed: false });
  const line = new Float32Array(drawing.side * 4);
  for (const [y, row] of rows.entries()) {
    if (!row) continue;
    averageRows(line, drawing, row);
    for (const [x, column] of columns.entries()) {
      if (column) blend(canvas.pixels, (y * canvas.size + x) * 3, averageColumns(line, column));
    }
  }
}

/** For each target sample of one axis, the source samples under it; null where the drawing does not reach. */
function axisTaps(axis: {
  offset: number;
  side: number;
  samples: number;
  size: number;
  reversed: boolean;
}): (Tap | null)[] {
  const ratio = axis.samples / axis.side; // source samples in one target sample
  return Array.from({ length: axis.size }, (_, target) => {
    const low = (target - axis.offset) * ratio;
    const high = low + ratio;
    return axis.reversed ? tap(axis.samples - high, axis.samples - low, axis.samples) : tap(low, high, axis.samples);
  });
}

function tap(low: number, high: number, samples: number): Tap | null {
  const first = Math.max(0, Math.floor(low));
  const end = Math.min(samples, Math.ceil(high));
  if (end <= first) return null;
  const weights = new Float32Array(end - first);
  for (let i = first; i < end; i++) {
    weights[i - first] = Math.max(0, Math.min(high, i + 1) - Math.max(low, i)) / (high - low);
  }
  return { first, weights };
}

/** The weighted mean of source rows: one line of RGBA. */
function averageRows(line: Float32Array, { side, rgba }: Drawing, { first, weights }: Tap): void {
  line.fill(0);
  const width = side * 4;
  for (let k = 0; k < weights.length; k++) {
    const weight = weights[k]!;
    const start = (first + k) * width;
    for (let i = 0; i < width; i++) line[i] = line[i]! + weight * rgba[start + i]!;
  }
}

const mean = new Float32Array(4);

/** The weighted mean of a line's samples: one RGBA. */
function averageColumns(line: Float32Array, { first, weights }: Tap): Float32Array {
  mean.fill(0);
  for (let k = 0; k < weights.length; k++) {
    const weight = weights[k]!;
    const at = (first + k) * 4;
    for (let channel = 0; channel < 4; channel++) mean[channel] = mean[channel]! + weight * line[at + channel]!;
  }
  return mean;
}

function blend(pixels: Uint8Array, at: number, rgba: Float32Array): void {
  const rest = 1 - rgba[3]!;
  for (let channel = 0; channel < 3; channel++) {
    pixels[at + channel] = Math.min(255, Math.round(rgba[channel]! + rest * pixels[at + channel]!));
  }
}
