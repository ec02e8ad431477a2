import type { Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import { autoencoderKLDecode, autoencoderKLEncode, spatialFactor } from '@lascaux/nn/networks';
import type { AutoencoderKLConfig } from '@lascaux/nn/networks';
import type { Optimizer, TrainingStep } from '@lascaux/training';
import { traceTrainingStep } from '@lascaux/training';
import { elboTerms, posteriorValues, psnrValue, reparameterize } from './elbo.js';

/** The observation model's log-variance is trained with the network but is no part of AutoencoderKL. */
export const OBSERVATION_LOG_VARIANCE = 'observation.log_variance';
/** e^−3 ≈ 0.22² is the deviation of a blurry first picture; from there it falls as pictures get sharper. */
const FIRST_LOG_VARIANCE = -3;

/** Options of `vaeTrainingStep`. */
export interface VaeStepOptions {
  readonly config: AutoencoderKLConfig;
  readonly batchSize: number;
  /** Side of the pictures in pixels, a multiple of the spatial factor. */
  readonly size: number;
  /** Weight of the divergence; 1 is the ELBO itself. */
  readonly beta: number;
  readonly optimizer: Optimizer;
  readonly clip: number;
}

/** The scalar log σ² of p(x | z). */
const observationLogVariance = (scope: Scope): Value =>
  scope.at('observation').parameter('log_variance', [1], { kind: 'constant', value: FIRST_LOG_VARIANCE });

/** Inputs of a step: pixels [B, 3, S, S] in [−1, 1] and the noise of the reparameterisation [B, C, S/f, S/f]. */
export function vaeInputs({ config, batchSize, size }: Pick<VaeStepOptions, 'config' | 'batchSize' | 'size'>) {
  const cells = size / spatialFactor(config);
  return { pixels: { shape: [batchSize, 3, size, size] }, noise: { shape: [batchSize, config.latent_channels, cells, cells] } };
}

/** −ELBO of a batch with its parts, as named values: nats per image, and per dimension for the loss. */
export function vaeLoss(scope: Scope, { pixels, noise }: { pixels: Value; noise: Value }, { config, beta }: Pick<VaeStepOptions, 'config' | 'beta'>) {
  const posterior = posteriorValues(autoencoderKLEncode(scope, config, pixels));
  const decoded = autoencoderKLDecode(scope, config, reparameterize(posterior, noise));
  const logVariance = observationLogVariance(scope);
  const { reconstruction, divergence } = elboTerms({ pixels, decoded, posterior, logVariance });
  const dimensions = (pixels.shape as readonly number[]).slice(1).reduce((product, dim) => product * dim, 1);
  const loss = ops.mul(ops.add(ops.reshape(reconstruction, []), ops.mul(ops.reshape(divergence, []), beta)), 1 / dimensions);
  return { loss, metrics: { reconstruction, divergence, psnr: psnrValue(pixels, decoded), observation_log_variance: logVariance } };
}

/** One optimisation step of the VAE as a program. */
export function vaeTrainingStep(options: VaeStepOptions): TrainingStep {
  return traceTrainingStep({
    inputs: vaeInputs(options),
    loss: (scope, inputs) => vaeLoss(scope, inputs, options),
    optimizer: options.optimizer,
    clip: options.clip,
  });
}
