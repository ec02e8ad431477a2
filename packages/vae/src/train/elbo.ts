import type { Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';

const { add, clamp, div, exp, mean, mul, neg, split, square, sub, sum } = ops;

/** A diagonal Gaussian over latents, as values of a program; each [B, C, h, w]. */
export interface PosteriorValues {
  readonly mean: Value;
  /** log σ², within [−30, 20]. */
  readonly logVariance: Value;
}

/** Splits the encoder's output [B, 2C, h, w] into mean and log-variance. */
export function posteriorValues(parameters: Value): PosteriorValues {
  const [mean, logVariance] = split(parameters, { axis: 1, parts: 2 }) as readonly [Value, Value];
  return { mean, logVariance: clamp(logVariance, -30, 20) };
}

/** z = μ + σ·noise (Kingma and Welling 2014, section 2.4: the reparameterisation). */
export function reparameterize({ mean, logVariance }: PosteriorValues, noise: Value): Value {
  return add(mean, mul(exp(mul(logVariance, 0.5)), noise));
}

/** The two terms of the negative ELBO in nats per image, averaged over the batch; scalars of one element. */
export interface ElboTerms {
  /** −log p(x | z) of a Gaussian with one variance for all pixels and channels. */
  readonly reconstruction: Value;
  /** KL(q(z | x) ‖ N(0, I)) = ½ Σ (μ² + σ² − 1 − log σ²) (Kingma and Welling 2014, appendix B). */
  readonly divergence: Value;
}

/** What `elboTerms` compares. */
export interface ElboInputs {
  /** [B, 3, H, W] in [−1, 1]. */
  readonly pixels: Value;
  /** The decoder's mean, of the same shape. */
  readonly decoded: Value;
  readonly posterior: PosteriorValues;
  /** log σ² of p(x | z), a scalar; learned, so that the two terms balance by themselves (Rybkin et al. 2021, "σ-VAE"). */
  readonly logVariance: Value;
}

/** −ELBO in its two terms, each to be weighted by the caller (β weighs the divergence: Higgins et al. 2017). */
export function elboTerms({ pixels, decoded, posterior, logVariance }: ElboInputs): ElboTerms {
  const [batch, ...axes] = pixels.shape as readonly number[];
  const dimensions = axes.reduce((product, dim) => product * dim, 1);
  const squaredError = mul(sum(square(sub(pixels, decoded))), 1 / (batch as number));
  const scaled = div(squaredError, exp(logVariance));
  const reconstruction = mul(add(scaled, mul(add(logVariance, Math.log(2 * Math.PI)), dimensions)), 0.5);
  const { mean: mu, logVariance: logSigma2 } = posterior;
  const perCell = sub(add(square(mu), exp(logSigma2)), add(logSigma2, 1));
  return { reconstruction, divergence: mul(sum(perCell), 0.5 / (batch as number)) };
}

/** Peak signal-to-noise ratio in dB of values in [−1, 1] (peak to peak 2): 10·log₁₀(4 / mean squared error). */
export function psnrValue(pixels: Value, decoded: Value): Value {
  const error = mean(square(sub(pixels, decoded)));
  return mul(neg(ops.log(mul(error, 0.25))), 10 / Math.LN10);
}
