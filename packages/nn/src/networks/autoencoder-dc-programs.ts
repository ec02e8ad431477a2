import type { Program } from '../program/program.js';
import { trace } from '../program/scope.js';
import type { AutoencoderDCConfig } from './autoencoder-dc-config.js';
import { autoencoderDCDecode, autoencoderDCEncode } from './autoencoder-dc.js';
import type { ImageAxes } from './input-types.js';

/**
 * The encoder as a program: `sample` → `latent_parameters`, or → `latent_sample` where it has no log variances, as exporters call a latent
 * that is not drawn from a posterior.
 */
export const dcEncoderProgram = (config: AutoencoderDCConfig, { batch, height, width }: ImageAxes): Program =>
  trace({ sample: { shape: [batch, config.in_channels, height, width] } }, (scope, { sample }) => ({
    [config.has_log_variance ? 'latent_parameters' : 'latent_sample']: autoencoderDCEncode(scope, config, sample),
  }));

/** The decoder as a program: `latent_sample` → `sample`. */
export const dcDecoderProgram = (config: AutoencoderDCConfig, { batch, height, width }: ImageAxes): Program =>
  trace({ latent_sample: { shape: [batch, config.latent_channels, height, width] } }, (scope, { latent_sample }) => ({
    sample: autoencoderDCDecode(scope, config, latent_sample),
  }));
