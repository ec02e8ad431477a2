import type { UNet2DConditionConfig } from '@lascaux/nn/networks';
import { unet2DConditionConfig } from '@lascaux/nn/networks';
import type { AlphaBarConfig } from '../schedule/alpha-bars.js';
import type { DenoiserTarget } from './step.js';

/** What a denoiser is trained on: the noise schedule and what the network predicts. */
export interface NoiseProcess extends AlphaBarConfig {
  readonly prediction_type: DenoiserTarget;
}

/** The bundled model's process: cosine schedule (Nichol and Dhariwal 2021), velocity (Salimans and Ho 2022), which is well scaled at every noise level. */
export const defaultProcess: NoiseProcess = {
  num_train_timesteps: 1000,
  beta_start: 0.0001,
  beta_end: 0.02,
  beta_schedule: 'squaredcos_cap_v2',
  prediction_type: 'v_prediction',
};

/** The bundled model's UNet over latents of 8×8 cells: convolutions and attention at 8×8 and 4×4. */
export const defaultUnetConfig: UNet2DConditionConfig = unet2DConditionConfig({
  _class_name: 'UNet2DConditionModel',
  sample_size: 8,
  in_channels: 8,
  out_channels: 8,
  down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'],
  up_block_types: ['CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
  block_out_channels: [64, 128],
  layers_per_block: 1,
  norm_num_groups: 16,
  cross_attention_dim: 128,
  attention_head_dim: 4,
  use_linear_projection: true,
});

/**
 * How a denoiser is trained where the caller says nothing: latents seen, a step's latents, highest learning rate, share of captions dropped,
 * γ of min-SNR weighting (Infinity: none).
 */
export const denoiserTrainingDefaults = {
  images: 300_000,
  batchSize: 64,
  seed: 0,
  rate: 2e-3,
  dropout: 0.1,
  gamma: Infinity,
} as const;
