import type { Program, Scope, Value } from '@lascaux/nn';
import type { AutoencoderDCConfig, AutoencoderKLConfig, ImageAxes } from '@lascaux/nn/networks';
import {
  autoencoderDCConfig,
  autoencoderDCDecode,
  autoencoderDCEncode,
  autoencoderDCFactor,
  autoencoderKLConfig,
  autoencoderKLDecode,
  autoencoderKLEncode,
  dcDecoderProgram,
  dcEncoderProgram,
  spatialFactor,
  vaeDecoderProgram,
  vaeEncoderProgram,
} from '@lascaux/nn/networks';
import { check } from '@lascaux/nn';

/** The config of a network that can be trained as a VAE; an AutoencoderDC must have log variances. */
export type AutoencoderConfig = AutoencoderKLConfig | AutoencoderDCConfig;

/** A network that can be trained as a VAE, whatever its class. */
export interface Autoencoder {
  /** As `_class_name` in config files. */
  readonly className: 'AutoencoderKL' | 'AutoencoderDC';
  readonly config: AutoencoderConfig;
  readonly latentChannels: number;
  /** Pixels of a latent cell's side. */
  readonly spatialFactor: number;
  /** Image [N, 3, H, W] → parameters of the posterior [N, 2·latentChannels, H/f, W/f]. */
  readonly encode: (scope: Scope, image: Value) => Value;
  /** Raw latent [N, latentChannels, h, w] → image [N, 3, f·h, f·w]. */
  readonly decode: (scope: Scope, latent: Value) => Value;
  readonly encoderProgram: (axes: ImageAxes) => Program;
  readonly decoderProgram: (axes: ImageAxes) => Program;
}

const isDC = (config: AutoencoderConfig): config is AutoencoderDCConfig => 'encoder_block_out_channels' in config;

function dc(config: AutoencoderDCConfig): Autoencoder {
  check(config.has_log_variance, {
    operation: 'AutoencoderDC config',
    rule: 'has_log_variance must be true: without log variances there is no posterior to train',
    value: config.has_log_variance,
    kind: 'usage',
  });
  return {
    className: 'AutoencoderDC',
    config,
    latentChannels: config.latent_channels,
    spatialFactor: autoencoderDCFactor(config),
    encode: (scope, image) => autoencoderDCEncode(scope, config, image),
    decode: (scope, latent) => autoencoderDCDecode(scope, config, latent),
    encoderProgram: (axes) => dcEncoderProgram(config, axes),
    decoderProgram: (axes) => dcDecoderProgram(config, axes),
  };
}

const kl = (config: AutoencoderKLConfig): Autoencoder => ({
  className: 'AutoencoderKL',
  config,
  latentChannels: config.latent_channels,
  spatialFactor: spatialFactor(config),
  encode: (scope, image) => autoencoderKLEncode(scope, config, image),
  decode: (scope, latent) => autoencoderKLDecode(scope, config, latent),
  encoderProgram: (axes) => vaeEncoderProgram(config, axes),
  decoderProgram: (axes) => vaeDecoderProgram(config, axes),
});

/** The network of a config. @throws {LascauxError} for an AutoencoderDC without log variances Why: docs/decisions/0133. */
export const autoencoder = (config: AutoencoderConfig): Autoencoder => (isDC(config) ? dc(config) : kl(config));

/** Reads the `config.json` of either class, told apart by `_class_name`. @throws {LascauxError} as the classes' own readers do */
export const autoencoderConfig = (json: unknown): AutoencoderConfig =>
  (json as { _class_name?: unknown } | null)?._class_name === 'AutoencoderDC'
    ? autoencoderDCConfig(json)
    : autoencoderKLConfig(json);
