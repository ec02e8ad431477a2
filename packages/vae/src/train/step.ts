import type { InputTypes, Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import type { Optimizer, TrainingStep } from '@lascaux/training';
import { traceTrainingStep } from '@lascaux/training';
import type { AutoencoderConfig } from './autoencoder.js';
import { autoencoder } from './autoencoder.js';
import { elboTerms, posteriorValues, psnrValue, reparameterize } from './elbo.js';

/** The observation model's log-variance is trained with the network but is no part of it. */
export const OBSERVATION_LOG_VARIANCE = 'observation.log_variance';
/** e^−3 ≈ 0.22² is the deviation of a blurry first picture; from there it falls as pictures get sharper. */
const FIRST_LOG_VARIANCE = -3;

/** Options of `vaeTrainingStep`. */
export interface VaeStepOptions {
  readonly config: AutoencoderConfig;
  readonly batchSize: number;
  /** Side of the pictures in pixels, a multiple of the spatial factor. */
  readonly size: number;
  /** Weight of the divergence; 1 is the ELBO itself. */
  readonly beta: number;
  readonly optimizer: Optimizer;
  readonly clip: number;
  /** Input of the decoder: a sample of the posterior (the default, as the ELBO says) or its mean, which is what denoisers are trained on. */
  readonly decodeFrom?: DecodedLatent;
  /** Leave the encoder as it is, so that latents made with it stay valid; default false. */
  readonly freezeEncoder?: boolean;
}

/** Which point of the posterior is decoded in training. */
export type DecodedLatent = 'sample' | 'mean';

/** The parameters of the half that makes latents. */
export const isEncoderParameter = (name: string): boolean =>
  name.startsWith('encoder.') || name.startsWith('quant_conv.');

/** The scalar log σ² of p(x | z). */
const observationLogVariance = (scope: Scope): Value =>
  scope.at('observation').parameter('log_variance', [1], { kind: 'constant', value: FIRST_LOG_VARIANCE });

/** Inputs of a step: pixels [B, 3, S, S] in [−1, 1] and, unless means are decoded, the noise of the reparameterisation [B, C, S/f, S/f]. */
export function vaeInputs({
  config,
  batchSize,
  size,
  decodeFrom,
}: Pick<VaeStepOptions, 'config' | 'batchSize' | 'size' | 'decodeFrom'>): InputTypes {
  const { latentChannels, spatialFactor } = autoencoder(config);
  const cells = size / spatialFactor;
  const noise = { shape: [batchSize, latentChannels, cells, cells] };
  return { pixels: { shape: [batchSize, 3, size, size] }, ...(decodeFrom === 'mean' ? {} : { noise }) };
}

/** −ELBO of a batch with its parts, as named values: nats per image, and per dimension for the loss. Without noise the posterior's mean is decoded. */
export function vaeLoss(
  scope: Scope,
  { pixels, noise }: { readonly pixels: Value; readonly noise?: Value | undefined },
  { config, beta }: Pick<VaeStepOptions, 'config' | 'beta'>,
) {
  const { encode, decode } = autoencoder(config);
  const posterior = posteriorValues(encode(scope, pixels));
  const latent = noise === undefined ? posterior.mean : reparameterize(posterior, noise);
  const decoded = decode(scope, latent);
  const logVariance = observationLogVariance(scope);
  const { reconstruction, divergence } = elboTerms({ pixels, decoded, posterior, logVariance });
  const dimensions = (pixels.shape as readonly number[]).slice(1).reduce((product, dim) => product * dim, 1);
  const loss = ops.mul(
    ops.add(ops.reshape(reconstruction, []), ops.mul(ops.reshape(divergence, []), beta)),
    1 / dimensions,
  );
  return {
    loss,
    metrics: { reconstruction, divergence, psnr: psnrValue(pixels, decoded), observation_log_variance: logVariance },
  };
}

/** One optimisation step of the VAE as a program. */
export function vaeTrainingStep(options: VaeStepOptions): TrainingStep {
  return traceTrainingStep({
    inputs: vaeInputs(options),
    loss: (scope, { pixels, noise }) => vaeLoss(scope, { pixels: pixels as Value, noise }, options),
    optimizer: options.optimizer,
    clip: options.clip,
    ...(options.freezeEncoder === true ? { frozen: isEncoderParameter } : {}),
  });
}
