import { defaultUnetConfig, denoiserInputs, denoiserLoss } from '@lascaux/diffusion/train';
import type { InputTypes } from '@lascaux/nn';
import type { AutoencoderKLConfig, UNet2DConditionConfig } from '@lascaux/nn/networks';
import type { TrainingStep } from '@lascaux/training';
import { adamw, traceTrainingStep } from '@lascaux/training';
import { defaultVaeConfig, vaeInputs, vaeLoss } from '@lascaux/vae/train';
import type { TransformerConfig } from './transformer.js';
import { transformerLoss } from './transformer.js';

/** The networks that can be timed. */
export const networkNames = ['transformer', 'unet', 'vae'] as const;
export type NetworkName = (typeof networkNames)[number];

/** A network with its training step (forward, backward, AdamW), and what another framework needs to build the same. */
export interface BenchNetwork {
  readonly name: NetworkName;
  readonly config: AutoencoderKLConfig | UNet2DConditionConfig | TransformerConfig;
  readonly batchSize: number;
  readonly inputs: InputTypes;
  readonly step: TrainingStep;
}

/** Captions of the bundled model have 32 tokens, its latents 8×8 cells. */
const TOKENS = 32;
const CELLS = 8;
const optimizer = adamw();

/** What all three have in common: no clipping, no running average. */
const bare = { optimizer, ema: false } as const;

function transformerNetwork(config: TransformerConfig, batchSize: number): BenchNetwork {
  const x = { shape: [batchSize, config.tokens, config.width] };
  const inputs = { x, target: x };
  const step = traceTrainingStep({ inputs, loss: (scope, values) => transformerLoss(scope, values, config), ...bare });
  return { name: 'transformer', config, batchSize, inputs, step };
}

function unetNetwork(config: UNet2DConditionConfig, batchSize: number): BenchNetwork {
  const inputs = denoiserInputs({ config, batchSize, cells: CELLS, tokens: TOKENS });
  const options = { config, target: 'v_prediction' } as const;
  const step = traceTrainingStep({ inputs, loss: (scope, values) => denoiserLoss(scope, values, options), ...bare });
  return { name: 'unet', config, batchSize, inputs, step };
}

function vaeNetwork(
  config: AutoencoderKLConfig,
  { batchSize, size }: { batchSize: number; size: number },
): BenchNetwork {
  const inputs = vaeInputs({ config, batchSize, size });
  const step = traceTrainingStep({
    inputs,
    loss: (scope, { pixels, noise }) => vaeLoss(scope, { pixels: pixels!, noise }, { config, beta: 1 }),
    ...bare,
  });
  return { name: 'vae', config, batchSize, inputs, step };
}

/** The bundled model's networks, with 16 images unless told otherwise, and a transformer of 6.3 million parameters. */
export const fullNetworks: Readonly<Record<NetworkName, (batchSize?: number) => BenchNetwork>> = {
  transformer: (batchSize = 16) => transformerNetwork({ layers: 8, width: 256, heads: 8, tokens: 64 }, batchSize),
  unet: (batchSize = 16) => unetNetwork(defaultUnetConfig, batchSize),
  vae: (batchSize = 16) => vaeNetwork(defaultVaeConfig, { batchSize, size: 64 }),
};

/** The same architectures so small that plain JavaScript trains them too. */
export const smallNetworks: Readonly<Record<NetworkName, (batchSize?: number) => BenchNetwork>> = {
  transformer: (batchSize = 4) => transformerNetwork({ layers: 2, width: 64, heads: 4, tokens: 16 }, batchSize),
  unet: (batchSize = 4) =>
    unetNetwork(
      { ...defaultUnetConfig, block_out_channels: [16, 32], norm_num_groups: 8, cross_attention_dim: 32 },
      batchSize,
    ),
  vae: (batchSize = 4) =>
    vaeNetwork(
      { ...defaultVaeConfig, block_out_channels: [8, 8, 16, 16], norm_num_groups: 4 },
      { batchSize, size: 32 },
    ),
};
