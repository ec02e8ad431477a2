/** How one axis is resampled: output i is Σ_t weights[i·taps + t]·input[starts[i] + t]. */
export interface AxisFilter {
  readonly taps: number;
  readonly starts: Int32Array;
  readonly weights: Float64Array;
}

/** Makes the filter of an axis from its input and output lengths, in pixels. */
export type AxisFilterRule = (input: number, output: number) => AxisFilter;

/** Two neighbours around a source coordinate; past the last pixel both are the last. */
function linearFilter(input: number, output: number, coordinate: (i: number) => number): AxisFilter {
  const [starts, weights] = [new Int32Array(output), new Float64Array(2 * output)];
  for (let i = 0; i < output; i++) {
    const at = Math.max(coordinate(i), 0);
    const low = Math.min(Math.floor(at), input - 1);
    const fraction = low === input - 1 ? 0 : at - low;
    starts[i] = Math.min(low, Math.max(input - 2, 0));
    weights[2 * i + (low - (starts[i] ?? 0))] = 1 - fraction;
    if (fraction > 0) weights[2 * i + 1] = fraction;
  }
  return { taps: Math.min(2, input), starts, weights: input > 1 ? weights : weights.filter((_, i) => i % 2 === 0) };
}

/**
 * TensorFlow 1's bilinear, as in the official FID graph and torch-fidelity: source coordinate i·input/output, without half-pixel
 * centres or antialiasing, so the picture shifts up and left by up to a pixel.
 */
export const tensorflowBilinear: AxisFilterRule = (input, output) =>
  linearFilter(input, output, (i) => (i * input) / output);

/** PyTorch's bilinear (`align_corners=False`), as in pytorch-fid: half-pixel centres, no antialiasing. */
export const torchBilinear: AxisFilterRule = (input, output) =>
  linearFilter(input, output, (i) => ((i + 0.5) * input) / output - 0.5);

/** Keys' cubic with a = −½ (IEEE Trans. ASSP 29, 1981). */
function cubic(x: number): number {
  const a = -0.5;
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
}

/** Pillow's bicubic, as in clean-fid: the kernel is widened by the reduction (antialiasing) and normalised at the edges. */
export const antialiasedBicubic: AxisFilterRule = (input, output) => {
  const scale = input / output;
  const widening = Math.max(scale, 1);
  const support = 2 * widening;
  const taps = Math.min(2 * Math.ceil(support) + 1, input);
  const [starts, weights] = [new Int32Array(output), new Float64Array(taps * output)];
  for (let i = 0; i < output; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), input);
    const start = Math.min(first, input - taps);
    const raw = Float64Array.from({ length: end - first }, (_, t) => cubic((first + t - centre + 0.5) / widening));
    const sum = raw.reduce((total, value) => total + value, 0);
    raw.forEach((value, t) => (weights[i * taps + first - start + t] = value / sum));
    starts[i] = start;
  }
  return { taps, starts, weights };
};
