import type { InputTypes, Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import { pixArt } from '@lascaux/nn/networks';
import { painterDenoiserConfig } from './networks.js';
import { MAX_TOKENS, TOKEN_LENGTH } from './slot-tokens.js';

const { add, mean, mul, square, sub } = ops;
const { in_channels: channels, sample_size: cells } = painterDenoiserConfig;

const latentShape = (batch: number): readonly number[] => [batch, channels, cells, cells];
const tokenShape = (batch: number): readonly number[] => [batch, MAX_TOKENS, TOKEN_LENGTH];

/** Inputs of the network alone: noisy latents, their timesteps, the tokens of their captions. */
export const networkInputs = (batch: number) =>
  ({
    noisy: { shape: latentShape(batch) },
    timestep: { shape: [batch] },
    tokens: { shape: tokenShape(batch) },
  }) satisfies InputTypes;

/** The clean latent x0 that the network predicts. */
export const predictedLatent = (
  scope: Scope,
  { noisy, timestep, tokens }: { readonly [Name in keyof ReturnType<typeof networkInputs>]: Value },
): Value => pixArt(scope, painterDenoiserConfig, { sample: noisy, timestep, encoder_hidden_states: tokens });

/** Inputs of a step: latents and noise, √ᾱ and √(1 − ᾱ) of each one's timestep, tokens. */
export const denoiserInputs = (batch: number) =>
  ({
    latent: { shape: latentShape(batch) },
    noise: { shape: latentShape(batch) },
    signal: { shape: [batch, 1, 1, 1] },
    sigma: { shape: [batch, 1, 1, 1] },
    timestep: { shape: [batch] },
    tokens: { shape: tokenShape(batch) },
  }) satisfies InputTypes;

/** The squared error of the clean latent (Salimans and Ho 2022, section 4). */
export function painterLoss(
  scope: Scope,
  inputs: { readonly [Name in keyof ReturnType<typeof denoiserInputs>]: Value },
) {
  const { latent, noise, signal, sigma, timestep, tokens } = inputs;
  const noisy = add(mul(signal, latent), mul(sigma, noise));
  return { loss: mean(square(sub(predictedLatent(scope, { noisy, timestep, tokens }), latent))), metrics: {} };
}
