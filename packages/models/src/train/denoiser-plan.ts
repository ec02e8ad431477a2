import { join } from 'node:path';
import { defaultUnetConfig } from '@lascaux/diffusion/train';
import { check } from '@lascaux/nn';
import { type UNet2DConditionConfig, unet2DConditionConfig } from '@lascaux/nn/networks';
import { readVaeConfig } from '@lascaux/vae';
import { modelFolderOf, readComponentConfig } from './initial-weights.js';
import { networkOption } from './network-option.js';
import type { PartOptions } from './train-options.js';

/** What a denoiser is trained between, and the network that fits. */
export interface DenoiserPlan {
  /** Model folders of the two other stages, and of the first weights. */
  readonly vae: string;
  readonly textEncoder: string;
  readonly initial?: string;
  readonly config: UNet2DConditionConfig;
  /** Side of the pictures in pixels and of their latents in cells. */
  readonly size: number;
  readonly cells: number;
}

/** Folders of models or finished runs. */
export interface NamedStages {
  readonly vae: string;
  readonly textEncoder: string;
  /** Whose denoiser's weights are the first ones. */
  readonly initial?: string;
}

/**
 * Finds the stages that a call names and fits the network to them.
 * @throws {LascauxError} naming the option whose folder lacks a stage, or the number that does not fit
 */
export async function denoiserPlan(named: NamedStages, options: PartOptions<'denoiser'>): Promise<DenoiserPlan> {
  const vae = await modelFolderOf('vae', named.vae, 'vae_encoder');
  const textEncoder = await modelFolderOf('textEncoder', named.textEncoder, 'text_encoder');
  const initial = named.initial === undefined ? undefined : await modelFolderOf('initial', named.initial, 'unet');
  const { latentChannels, spatialFactor } = await readVaeConfig(join(vae, 'vae_decoder'));
  const width = numberIn(await readComponentConfig('textEncoder', join(textEncoder, 'text_encoder')), [
    'hidden_size',
    'd_model',
  ]);
  const trained = numberIn(await readComponentConfig('vae', join(vae, 'vae_decoder')), ['sample_size']);
  const recordedCells = numberIn(options.network, ['sample_size']);
  const size =
    options.size ?? (recordedCells === undefined ? undefined : recordedCells * spatialFactor) ?? trained ?? 64;
  const cells = size / spatialFactor;
  const base =
    initial === undefined
      ? {
          ...defaultUnetConfig,
          in_channels: latentChannels,
          out_channels: latentChannels,
          sample_size: cells,
          cross_attention_dim: width ?? defaultUnetConfig.cross_attention_dim,
        }
      : unet2DConditionConfig(await readComponentConfig('initial', join(initial, 'unet')));
  const config = networkOption({ key: 'network', parse: unet2DConditionConfig, base, given: options.network });
  const multiple = spatialFactor * 2 ** (config.block_out_channels.length - 1);
  check(size % multiple === 0, {
    option: 'size',
    rule: `must be a multiple of ${multiple} for this VAE and network`,
    value: size,
    kind: 'usage',
  });
  fits('in_channels', { network: config.in_channels, stage: latentChannels, named: "the VAE's latent channels" });
  fits('out_channels', { network: config.out_channels, stage: latentChannels, named: "the VAE's latent channels" });
  fits('cross_attention_dim', { network: config.cross_attention_dim, stage: width, named: "the text encoder's width" });
  return { vae, textEncoder, ...(initial === undefined ? {} : { initial }), config, size, cells };
}

function fits(key: string, { network, stage, named }: { network: number; stage: number | undefined; named: string }) {
  check(stage === undefined || network === stage, {
    option: `network.${key}`,
    rule: `must be ${named}, ${stage}`,
    value: network,
    kind: 'usage',
  });
}

function numberIn(json: unknown, keys: readonly string[]): number | undefined {
  const values = keys.map((key) => (json as Readonly<Record<string, unknown>> | undefined)?.[key]);
  return values.find((value): value is number => typeof value === 'number');
}
