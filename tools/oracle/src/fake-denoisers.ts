import type { FloatArray, Network } from '@lascaux/diffusion';

const curves: Record<string, (x: number, t: number) => number> = {
  A: (x, t) => 0.8 * x * Math.sin(0.01 * t + 0.3) + 0.1 * Math.cos(3 * x),
  B: (x, t) => 0.9 * Math.tanh(x) * (0.35 + (0.65 * t) / 1000) + 0.05 * Math.sin(2 * x + 0.01 * t),
};

/** The stand-in networks of the oracle files: elementwise functions of x and t. */
export function fakeNetwork(name: string, { batch = 1, learnedVariance = false } = {}): Network {
  const curve = curves[name];
  if (!curve) throw new RangeError(`fake denoiser: must be one of ${Object.keys(curves).join(', ')}, got ${name}`);
  const variance = (x: number, t: number) => Math.sin(x + 0.002 * t);
  return (input, timestep) => {
    const parts = learnedVariance ? [curve, variance] : [curve];
    const out = new (input.constructor as new (length: number) => FloatArray)(input.length * parts.length);
    const size = input.length / batch;
    // [batch, parts, size]: the second half of the channels of each image holds the variance.
    input.forEach((x, i) =>
      parts.forEach((part, p) => {
        out[(Math.floor(i / size) * parts.length + p) * size + (i % size)] = part(x, timestep);
      }),
    );
    return out;
  };
}
