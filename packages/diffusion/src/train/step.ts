import type { InputTypes, Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import type { UNet2DConditionConfig } from '@lascaux/nn/networks';
import { unet2DCondition } from '@lascaux/nn/networks';
import type { Optimizer, TrainingStep } from '@lascaux/training';
import { traceTrainingStep } from '@lascaux/training';

const { add, mean, mul, square, sub } = ops;

/** What the network learns to predict, in the words of `scheduler_config.json`. */
export type DenoiserTarget = 'epsilon' | 'v_prediction' | 'sample';

/** Options of `denoiserTrainingStep`. */
export interface DenoiserStepOptions {
  readonly config: UNet2DConditionConfig;
  readonly batchSize: number;
  /** Height and width of a latent in cells. */
  readonly cells: number;
  /** Tokens of an embedded caption. */
  readonly tokens: number;
  readonly target: DenoiserTarget;
  readonly optimizer: Optimizer;
  readonly clip: number;
}

/** Inputs of a step; `signal` and `sigma` are √ᾱ and √(1 − ᾱ) of each sample's timestep, `weight` its share of the loss. */
export function denoiserInputs({
  config,
  batchSize,
  cells,
  tokens,
}: Pick<DenoiserStepOptions, 'config' | 'batchSize' | 'cells' | 'tokens'>) {
  const latent = { shape: [batchSize, config.in_channels, cells, cells] };
  const perSample = { shape: [batchSize, 1, 1, 1] };
  return {
    latent,
    noise: latent,
    signal: perSample,
    sigma: perSample,
    weight: perSample,
    timestep: { shape: [batchSize] },
    embedding: { shape: [batchSize, tokens, config.cross_attention_dim] },
  } satisfies InputTypes;
}

/** Target of the network: the noise, the velocity √ᾱ·noise − √(1 − ᾱ)·x0 (Salimans and Ho 2022, section 4), or x0. */
function targetOf(
  target: DenoiserTarget,
  { latent, noise, signal, sigma }: Readonly<Record<'latent' | 'noise' | 'signal' | 'sigma', Value>>,
): Value {
  if (target === 'epsilon') return noise;
  return target === 'sample' ? latent : sub(mul(signal, noise), mul(sigma, latent));
}

/** The weighted squared error of the prediction at x_t = √ᾱ·x0 + √(1 − ᾱ)·noise (Ho et al. 2020, equation 14 and Algorithm 1). */
export function denoiserLoss(
  scope: Scope,
  inputs: { readonly [Name in keyof ReturnType<typeof denoiserInputs>]: Value },
  { config, target }: Pick<DenoiserStepOptions, 'config' | 'target'>,
) {
  const { latent, noise, signal, sigma, weight, timestep, embedding } = inputs;
  const noisy = add(mul(signal, latent), mul(sigma, noise));
  const prediction = unet2DCondition(scope, config, { sample: noisy, timestep, encoder_hidden_states: embedding });
  const error = square(sub(prediction, targetOf(target, { latent, noise, signal, sigma })));
  return { loss: mean(mul(error, weight)), metrics: { mean_squared_error: mean(error) } };
}

/** One optimisation step of the denoiser as a program. */
export function denoiserTrainingStep(options: DenoiserStepOptions): TrainingStep {
  return traceTrainingStep({
    inputs: denoiserInputs(options),
    loss: (scope, inputs) => denoiserLoss(scope, inputs, options),
    optimizer: options.optimizer,
    clip: options.clip,
  });
}
