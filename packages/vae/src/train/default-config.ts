import type { AutoencoderKLConfig } from '@lascaux/nn/networks';
import { autoencoderKLConfig } from '@lascaux/nn/networks';

/**
 * The VAE of the bundled model: 64×64 pixels → 8×8 latent cells. Channels are few where the picture is large: there a convolution costs
 * most, and flat drawings need least.
 */
export const defaultVaeConfig: AutoencoderKLConfig = autoencoderKLConfig({
  _class_name: 'AutoencoderKL',
  in_channels: 3,
  out_channels: 3,
  down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D', 'DownEncoderBlock2D', 'DownEncoderBlock2D'],
  up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D', 'UpDecoderBlock2D', 'UpDecoderBlock2D'],
  block_out_channels: [16, 32, 48, 64],
  layers_per_block: 1,
  act_fn: 'silu',
  latent_channels: 8,
  norm_num_groups: 8,
  sample_size: 64,
  mid_block_add_attention: false,
});

/** How a VAE is trained where the caller says nothing: images seen, a step's images, pixels of a side, the divergence's weight, highest learning rate. */
export const vaeTrainingDefaults = {
  images: 40_000,
  batchSize: 16,
  size: 64,
  seed: 0,
  beta: 1,
  rate: 3e-3,
} as const;
