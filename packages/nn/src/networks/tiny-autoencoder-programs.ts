import type { Program } from '../program/program.js';
import { trace } from '../program/scope.js';
import type { ImageAxes } from './input-types.js';
import type { AutoencoderTinyConfig } from './tiny-autoencoder-config.js';
import { autoencoderTinyDecode, autoencoderTinyEncode } from './tiny-autoencoder.js';

/** The encoder as a program: `sample` → `latent_sample`, as exporters call a latent that is not drawn from a posterior. */
export const tinyEncoderProgram = (config: AutoencoderTinyConfig, { batch, height, width }: ImageAxes): Program =>
  trace({ sample: { shape: [batch, config.in_channels, height, width] } }, (scope, { sample }) => ({
    latent_sample: autoencoderTinyEncode(scope, config, sample),
  }));

/** The decoder as a program: `latent_sample` → `sample`. */
export const tinyDecoderProgram = (config: AutoencoderTinyConfig, { batch, height, width }: ImageAxes): Program =>
  trace({ latent_sample: { shape: [batch, config.latent_channels, height, width] } }, (scope, { latent_sample }) => ({
    sample: autoencoderTinyDecode(scope, config, latent_sample),
  }));
