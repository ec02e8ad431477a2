import type { InputTypes, Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import type { CLIPTextConfig } from '@lascaux/nn/networks';
import { clipText, unet2DCondition } from '@lascaux/nn/networks';
import { painterUnetConfig } from './networks.js';
import { MAX_TOKENS } from './text-network.js';

const { add, mean, mul, square, sub } = ops;
const { in_channels: channels, sample_size: cells } = painterUnetConfig;

/** Parameters of the text encoder, which stands inside the denoiser's step. */
export const isTextParameter = (name: string): boolean => name.startsWith('text_model.');

const latentShape = (batch: number): readonly number[] => [batch, channels, cells as number, cells as number];

/** The velocity √ᾱ·noise − √(1 − ᾱ)·x0 that the network predicts for noisy latents and the token ids of their captions. */
export function predictedVelocity(
  scope: Scope,
  { noisy, timestep, ids }: { readonly noisy: Value; readonly timestep: Value; readonly ids: Value },
  text: CLIPTextConfig,
): Value {
  const { last_hidden_state: states } = clipText(scope, text, ids);
  return unet2DCondition(scope, painterUnetConfig, { sample: noisy, timestep, encoder_hidden_states: states });
}

/** Inputs of a step: latents and noise, √ᾱ and √(1 − ᾱ) of each one's timestep, token ids. */
export const denoiserInputs = (batch: number) =>
  ({
    latent: { shape: latentShape(batch) },
    noise: { shape: latentShape(batch) },
    signal: { shape: [batch, 1, 1, 1] },
    sigma: { shape: [batch, 1, 1, 1] },
    timestep: { shape: [batch] },
    ids: { shape: [batch, MAX_TOKENS], dtype: 'int64' },
  }) satisfies InputTypes;

/** The squared error of the velocity (Salimans and Ho 2022, section 4). */
export function painterLoss(
  scope: Scope,
  inputs: { readonly [Name in keyof ReturnType<typeof denoiserInputs>]: Value },
  text: CLIPTextConfig,
) {
  const { latent, noise, signal, sigma, timestep, ids } = inputs;
  const noisy = add(mul(signal, latent), mul(sigma, noise));
  const velocity = sub(mul(signal, noise), mul(sigma, latent));
  const error = square(sub(predictedVelocity(scope, { noisy, timestep, ids }, text), velocity));
  return { loss: mean(error), metrics: {} };
}

/** Inputs of the network alone. */
export const velocityInputs = (batch: number) =>
  ({
    noisy: { shape: latentShape(batch) },
    timestep: { shape: [batch] },
    ids: { shape: [batch, MAX_TOKENS], dtype: 'int64' },
  }) satisfies InputTypes;
