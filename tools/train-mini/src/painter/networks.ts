import { defaultProcess, type NoiseProcess } from '@lascaux/diffusion/train';
import type { AutoencoderDCConfig, PixArtConfig } from '@lascaux/nn/networks';
import { autoencoderDCConfig, pixArtConfig } from '@lascaux/nn/networks';

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

/**
 * The painter's denoiser over latents of 8×8 cells of 32 numbers: a transformer over patches of 2×2 cells, with a head of the attention to the
 * text for each of the 16 patches; it reads tokens of 192 numbers as they are. Why: docs/decisions/0167.
 */
export const painterDenoiserConfig: PixArtConfig = pixArtConfig({
  _class_name: 'PixArtTransformer2DModel',
  sample_size: 8,
  patch_size: 2,
  in_channels: 32,
  out_channels: 32,
  num_layers: 10,
  num_attention_heads: 16,
  attention_head_dim: 18,
  cross_attention_dim: 192,
  caption_channels: null,
  use_additional_conditions: false,
  interpolation_scale: 1,
});

/** How latents are noised, and that the network predicts them clean: tokens determine them nearly, whatever the noise (docs/decisions/0170). */
export const painterProcess: NoiseProcess = { ...defaultProcess, prediction_type: 'sample' };
