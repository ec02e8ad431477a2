import { LascauxError } from '@lascaux/nn';
import { emptyLike, scale, weightedSum } from '../arrays.js';
import type { Denoised, Denoiser, FloatArray, Network, NoiseLevel } from '../types.js';

/** What a network may predict, as in diffusers' `prediction_type`. */
export const predictionTypes = ['epsilon', 'v_prediction', 'sample', 'flow_prediction'] as const;

/** One of {@link predictionTypes}. */
export type PredictionType = (typeof predictionTypes)[number];

/** Reads a network output at x and a level as estimates of x0 and noise. */
export type Interpret = <A extends FloatArray>(output: A, x: A, level: NoiseLevel) => Denoised<A>;

const interpreters: Record<PredictionType, Interpret> = {
  epsilon: (output, x, { signal, sigma }) => ({
    denoised: weightedSum([1 / signal, x], [-sigma / signal, output]),
    noise: output,
    output,
  }),
  v_prediction: (output, x, { signal, sigma, inputScale: c }) => ({
    denoised: weightedSum([signal * c * c, x], [-sigma * c, output]),
    noise: weightedSum([sigma * c * c, x], [signal * c, output]),
    output,
  }),
  sample: (output, x, { signal, sigma }) => ({
    denoised: output,
    noise: weightedSum([1 / sigma, x], [-signal / sigma, output]),
    output,
  }),
  flow_prediction: (output, x, { signal, sigma }) => ({
    denoised: weightedSum([1, x], [-sigma, output]),
    noise: weightedSum([1, x], [signal, output]),
    output,
  }),
};

/**
 * How to read what a network predicts:
 * epsilon: noise = output; sample: x0 = output; v: output = α·noise − σ·x0 with α² + σ² = 1 (Salimans and Ho 2022, eq. 11);
 * flow: output = noise − x0.
 */
export function interpretation(prediction: PredictionType): Interpret {
  return interpreters[prediction];
}

/** How the output of a network is laid out and read. */
export interface DenoiserOptions {
  readonly prediction: PredictionType;
  /** The output has a second half of channels that says the variance (Nichol and Dhariwal 2021, eq. 15). */
  readonly learnedVariance?: boolean;
  /** Number of images in x; needed only to find the two halves of a learned variance. Default 1. */
  readonly batch?: number;
}

/** Makes a denoiser of a network: scales its input, reads its output. */
export function denoiserFromNetwork<A extends FloatArray>(
  network: Network<A>,
  { prediction, learnedVariance = false, batch = 1 }: DenoiserOptions,
): Denoiser<A> {
  const interpret = interpretation(prediction);
  return async (x, level) => {
    const input = level.inputScale === 1 ? x : scale(level.inputScale, x);
    const output = await network(input, level.timestep);
    const expected = learnedVariance ? 2 * x.length : x.length;
    if (output.length !== expected) {
      throw new LascauxError({
        operation: 'denoiser',
        rule: `the network must return ${expected} values for ${x.length}`,
        value: output.length,
      });
    }
    if (!learnedVariance) return interpret(output, x, level);
    const [prediction, variance] = splitChannels(output, batch);
    return { ...interpret(prediction, x, level), variance };
  };
}

/** Cuts [batch, 2C, …] into two [batch, C, …]. */
function splitChannels<A extends FloatArray>(output: A, batch: number): [A, A] {
  const half = output.length / batch / 2;
  const [first, second] = [emptyLike(output, half * batch), emptyLike(output, half * batch)];
  for (let k = 0; k < batch; k++) {
    first.set(output.subarray(2 * k * half, (2 * k + 1) * half), k * half);
    second.set(output.subarray((2 * k + 1) * half, (2 * k + 2) * half), k * half);
  }
  return [first, second];
}
