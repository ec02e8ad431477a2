import { check } from '@lascaux/nn';

/** The encoder's answer for one image: a diagonal Gaussian over raw latents [C, h, w] (Kingma and Welling 2014, eq. 9). */
export interface Posterior {
  readonly mean: Float32Array;
  /** log σ², within [−30, 20]. */
  readonly logVariance: Float32Array;
}

/** Bounds of log σ² in AutoencoderKL: e^−15 … e^10 as deviations. */
const SMALLEST_LOG_VARIANCE = -30;
const LARGEST_LOG_VARIANCE = 20;

/**
 * Reads the encoder's output for one image, [2C, h, w] = mean channels, then log-variance channels.
 * @throws LascauxError when the length is odd.
 */
export function posteriorFromParameters(parameters: Float32Array): Posterior {
  check(parameters.length % 2 === 0, {
    operation: 'posterior',
    rule: 'parameters must be a mean and a log-variance of the same size',
    value: `${parameters.length} values`,
  });
  const half = parameters.length / 2;
  const clamp = (value: number): number => Math.min(LARGEST_LOG_VARIANCE, Math.max(SMALLEST_LOG_VARIANCE, value));
  return { mean: parameters.slice(0, half), logVariance: parameters.slice(half).map(clamp) };
}

/** The reparameterised sample: z = mean + e^(logVariance / 2) · noise (Kingma and Welling 2014, section 2.4). */
export function samplePosterior({ mean, logVariance }: Posterior, noise: ArrayLike<number>): Float32Array {
  check(noise.length === mean.length, {
    operation: 'posterior',
    rule: `noise must have ${mean.length} values`,
    value: noise.length,
  });
  return mean.map((value, i) => value + Math.exp(0.5 * (logVariance[i] as number)) * (noise[i] as number));
}
