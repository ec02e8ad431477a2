import type { AutoencoderDCConfig } from '@lascaux/nn/networks';
import { autoencoderDCConfig } from '@lascaux/nn/networks';

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
