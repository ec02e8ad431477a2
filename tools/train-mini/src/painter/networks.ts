import type { AutoencoderDCConfig, UNet2DConditionConfig } from '@lascaux/nn/networks';
import { autoencoderDCConfig, unet2DConditionConfig } from '@lascaux/nn/networks';

/**
 * The painter's VAE: 256×256 pixels → 8×8 latent cells of 32 numbers. Channels are few where the image is large, where a convolution costs
 * most and flat drawings need least; the decoder is the larger half (DGAE: a larger encoder hardly helps).
 */
export const painterVaeConfig: AutoencoderDCConfig = autoencoderDCConfig({
  _class_name: 'AutoencoderDC',
  latent_channels: 32,
  encoder_block_out_channels: [16, 16, 16, 32, 64, 128],
  encoder_layers_per_block: [0, 1, 1, 1, 1, 1],
  decoder_block_out_channels: [16, 16, 32, 64, 128, 128],
  decoder_layers_per_block: [0, 1, 1, 2, 2, 3],
  block_out_channels: [16, 16, 16, 32, 64, 128],
  has_log_variance: true,
});

/** The painter's denoiser over latents of 8×8 cells of 32 numbers: convolutions and attention at 8×8 and 4×4, 9.5 million parameters. */
export const painterUnetConfig: UNet2DConditionConfig = unet2DConditionConfig({
  _class_name: 'UNet2DConditionModel',
  sample_size: 8,
  in_channels: 32,
  out_channels: 32,
  down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'],
  up_block_types: ['CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
  block_out_channels: [96, 192],
  layers_per_block: 1,
  norm_num_groups: 16,
  cross_attention_dim: 192,
  attention_head_dim: 4,
  use_linear_projection: true,
});
