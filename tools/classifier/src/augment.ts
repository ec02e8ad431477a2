import type { RandomStream } from '@lascaux/nn';

/** How far pictures are changed; all lengths in pixels, colours in units of [−1, 1]. */
export interface Augmentation {
  /** Furthest shift along each axis. */
  readonly shift: number;
  /** Largest relative change of size: 0.15 is 0.85 to 1.15. */
  readonly scale: number;
  /** Largest deviation of the Gaussian blur. */
  readonly blur: number;
  /** Largest deviation of the noise added before the blur, which makes it blotchy. */
  readonly coarseNoise: number;
  /** Largest deviation of the noise added after the blur. */
  readonly fineNoise: number;
  /** Largest relative change of contrast. */
  readonly contrast: number;
  /** Largest change of brightness. */
  readonly brightness: number;
  /** Largest change of each channel by itself. */
  readonly tint: number;
}

/** What makes a render look like the work of a small generative model: soft, blotchy, a little off in place, size and colour. */
export const GENERATIVE_LOOK: Augmentation = {
  ...{ shift: 4, scale: 0.15, blur: 1.6, coarseNoise: 0.4, fineNoise: 0.12 },
  ...{ contrast: 0.25, brightness: 0.15, tint: 0.08 },
};

/** Changes pictures of one size at random; cheap, because batches are made on the thread that also drives the training. */
export interface Augmenter {
  /** RGB bytes [size, size, 3] → pixels [3, size, size] in [−1, 1], written into `target`. */
  augment(bytes: Uint8Array, random: RandomStream, target: Float32Array): void;
}

/** Normal numbers drawn once and read from random places, which is ten times cheaper than drawing them for each picture. */
const NOISE_LENGTH = 1 << 18;

/** An augmenter of pictures `size` pixels wide and high; `random` fills its table of noise. */
export function createAugmenter(size: number, look: Augmentation, random: RandomStream): Augmenter {
  const noise = random.normal(NOISE_LENGTH);
  const scratch = new Float32Array(3 * size * size);

  /** Small changes are as likely as large ones, so that clean pictures stay known. */
  const amount = (stream: RandomStream, most: number): number => most * stream.uniform();
  const signed = (stream: RandomStream, most: number): number => most * (2 * stream.uniform() - 1);

  const addNoise = (pixels: Float32Array, deviation: number, stream: RandomStream): void => {
    const from = stream.integer(NOISE_LENGTH - pixels.length);
    for (let i = 0; i < pixels.length; i++) pixels[i] = pixels[i]! + deviation * noise[from + i]!;
  };

  const augment = (bytes: Uint8Array, stream: RandomStream, target: Float32Array): void => {
    const place = {
      scale: 1 + signed(stream, look.scale),
      dx: signed(stream, look.shift),
      dy: signed(stream, look.shift),
    };
    const contrast = 1 + signed(stream, look.contrast);
    const brightness = signed(stream, look.brightness);
    const shade = [0, 1, 2].map(() => brightness + signed(stream, look.tint));
    resample(bytes, target, { size, ...place, contrast, shade });
    if (stream.uniform() < 0.5) addNoise(target, amount(stream, look.coarseNoise), stream);
    blur(target, scratch, { size, deviation: amount(stream, look.blur) });
    if (stream.uniform() < 0.5) addNoise(target, amount(stream, look.fineNoise), stream);
    for (let i = 0; i < target.length; i++) target[i] = Math.min(1, Math.max(-1, target[i]!));
  };
  return { augment };
}

interface Placement {
  readonly size: number;
  readonly scale: number;
  readonly dx: number;
  readonly dy: number;
  readonly contrast: number;
  /** Added to each channel. */
  readonly shade: readonly number[];
}

/** Scales about the centre, shifts and changes colours, reading bilinearly; beyond its edge the picture goes on as its border is. */
function resample(bytes: Uint8Array, target: Float32Array, options: Placement): void {
  const { size, scale, dx, dy, contrast, shade } = options;
  const area = size * size;
  const columns = axisReads(size, scale, dx);
  const rows = axisReads(size, scale, dy);
  const gain = contrast / 127.5;
  for (let y = 0; y < size; y++) {
    const [top, bottom, down] = [rows.low[y]! * size, rows.high[y]! * size, rows.weight[y]!];
    for (let x = 0; x < size; x++) {
      const [left, right, across] = [columns.low[x]!, columns.high[x]!, columns.weight[x]!];
      for (let c = 0; c < 3; c++) {
        const a = bytes[3 * (top + left) + c]!;
        const b = bytes[3 * (bottom + left) + c]!;
        const upper = a + across * (bytes[3 * (top + right) + c]! - a);
        const lower = b + across * (bytes[3 * (bottom + right) + c]! - b);
        target[c * area + y * size + x] = gain * (upper + down * (lower - upper)) - contrast + shade[c]!;
      }
    }
  }
}

/** For each place of an axis: the two places it is read from and the second one's weight. */
function axisReads(size: number, scale: number, shift: number) {
  const centre = (size - 1) / 2;
  const low = new Int32Array(size);
  const high = new Int32Array(size);
  const weight = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const at = Math.min(size - 1, Math.max(0, (i - centre - shift) / scale + centre));
    low[i] = Math.floor(at);
    high[i] = Math.min(size - 1, low[i]! + 1);
    weight[i] = at - low[i]!;
  }
  return { low, high, weight };
}

/** Gaussian blur of pixels [3, size, size] in place: once along the rows, once along the columns; the border is repeated. */
export function blur(
  pixels: Float32Array,
  scratch: Float32Array,
  { size, deviation }: { readonly size: number; readonly deviation: number },
): void {
  const radius = Math.min(size - 1, Math.ceil(2.5 * deviation));
  if (deviation < 0.15 || radius === 0) return;
  const taps = gaussianTaps(deviation, radius);
  // Each pass writes its result transposed, so that two passes of the same code blur both axes.
  blurRowsTransposed(pixels, scratch, { size, taps });
  blurRowsTransposed(scratch, pixels, { size, taps });
}

/** Weights of a Gaussian at 0 … radius whose two-sided sum is 1. */
function gaussianTaps(deviation: number, radius: number): Float64Array {
  const taps = Float64Array.from({ length: radius + 1 }, (_, i) => Math.exp(-0.5 * (i / deviation) ** 2));
  const total = taps.reduce((sum, tap, i) => sum + (i === 0 ? tap : 2 * tap), 0);
  return taps.map((tap) => tap / total);
}

function blurRowsTransposed(
  from: Float32Array,
  to: Float32Array,
  { size, taps }: { readonly size: number; readonly taps: Float64Array },
): void {
  const radius = taps.length - 1;
  const line = new Float64Array(size + 2 * radius);
  for (let plane = 0; plane < from.length; plane += size * size) {
    for (let y = 0; y < size; y++) {
      const start = plane + y * size;
      for (let x = -radius; x < size + radius; x++) {
        line[x + radius] = from[start + Math.min(size - 1, Math.max(0, x))]!;
      }
      for (let x = 0; x < size; x++) {
        let sum = taps[0]! * line[x + radius]!;
        for (let k = 1; k <= radius; k++) sum += taps[k]! * (line[x + radius - k]! + line[x + radius + k]!);
        to[plane + x * size + y] = sum;
      }
    }
  }
}
