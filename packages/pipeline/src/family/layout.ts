import type { Network } from '@lascaux/diffusion';

/** [C, h, w] of what a network sees of one image. */
export type MapShape = readonly [channels: number, height: number, width: number];

/** How a network wants its input laid out. Samplers always work on maps [C, h, w]. */
export interface LatentLayout {
  /** Both sides of the latent must be multiples of this. */
  readonly multiple: number;
  /** The network's input for one image. */
  readonly inputShape: (shape: MapShape) => readonly number[];
  /** The channels of a latent whose input declares so many. */
  readonly channelsOf: (declared: number) => number;
  /** The network as the samplers call it. */
  readonly wrap: (network: Network<Float32Array>, shape: MapShape) => Network<Float32Array>;
}

/** Maps [C, h, w] as they are. */
export const mapLayout: LatentLayout = {
  multiple: 1,
  inputShape: (shape) => shape,
  channelsOf: (declared) => declared,
  wrap: (network) => network,
};

/**
 * Maps as they are, of a network that may predict a variance after each image's noise, as those do that learn the variance
 * of the reverse process (Nichol and Dhariwal 2021, section 3.1): its channels are left out, as no sampler here takes them.
 */
export const withoutVariance: LatentLayout = {
  ...mapLayout,
  wrap: (network, shape) => async (input, timestep) => {
    const output = await network(input, timestep);
    if (output.length !== 2 * input.length) return output;
    const size = shape.reduce((product, side) => product * side, 1);
    const kept = new Float32Array(input.length);
    for (let begin = 0; begin < kept.length; begin += size)
      kept.set(output.subarray(2 * begin, 2 * begin + size), begin);
    return kept;
  },
};

const PATCH = 2;
/** Flux's networks count time from 0 to 1. */
const TRAINING_TIMESTEPS = 1000;

/** Patches of 2×2 cells as tokens: [(h/2)·(w/2), 4C], row by row, each channel's four cells together (Flux). */
export const packedLayout: LatentLayout = {
  multiple: PATCH,
  inputShape: ([channels, height, width]) => [(height / PATCH) * (width / PATCH), channels * PATCH ** 2],
  channelsOf: (declared) => declared / PATCH ** 2,
  wrap: (network, shape) => async (input, timestep) => {
    const output = await network(permute(input, shape, 'pack'), timestep / TRAINING_TIMESTEPS);
    return permute(output, shape, 'unpack');
  },
};

/** [B, C, h/2, 2, w/2, 2] ⇄ [B, h/2, w/2, C, 2, 2]. */
function permute(values: Float32Array, [channels, height, width]: MapShape, to: 'pack' | 'unpack'): Float32Array {
  const size = channels * height * width;
  const columns = width / PATCH;
  const out = new Float32Array(values.length);
  for (let begin = 0; begin < values.length; begin += size) {
    for (let i = 0; i < size; i++) {
      const [c, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
      const token = Math.floor(y / PATCH) * columns + Math.floor(x / PATCH);
      const packed = begin + (token * channels + c) * PATCH ** 2 + (y % PATCH) * PATCH + (x % PATCH);
      if (to === 'pack') out[packed] = values[begin + i]!;
      else out[begin + i] = values[packed]!;
    }
  }
  return out;
}
