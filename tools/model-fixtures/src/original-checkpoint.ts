import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors, type SafetensorsTensor } from '@lascaux/nn';
import { checkpoint, DIFFUSERS, readTensors, TRANSFORMERS } from './convert-checkpoint.js';
import type { NetworkModelOptions } from './network-model.js';
import { temporaryFolder } from './tiny-model.js';

type Tensors = Record<string, SafetensorsTensor>;
interface UnetFacts {
  readonly layers_per_block: number;
  readonly up_block_types: readonly string[];
}

const RESNET = {
  norm1: 'in_layers.0',
  conv1: 'in_layers.2',
  time_emb_proj: 'emb_layers.1',
  norm2: 'out_layers.0',
  conv2: 'out_layers.3',
  conv_shortcut: 'skip_connection',
} as const;
const OUTSIDE = {
  'time_embedding.linear_1': 'time_embed.0',
  'time_embedding.linear_2': 'time_embed.2',
  'add_embedding.linear_1': 'label_emb.0.0',
  'add_embedding.linear_2': 'label_emb.0.2',
  conv_in: 'input_blocks.0.0',
  conv_norm_out: 'out.0',
  conv_out: 'out.2',
} as const;

const resnet = (rest: string): string => rest.replace(/^\w+/, (name) => RESNET[name as keyof typeof RESNET]);

/** The latent-diffusion repository's name of a UNet's tensor, the other way round than the converter finds it. */
export function originalUnetName(name: string, { layers_per_block: layers, up_block_types: ups }: UnetFacts): string {
  for (const [now, original] of Object.entries(OUTSIDE))
    if (name.startsWith(`${now}.`)) return original + name.slice(now.length);
  const each = layers + 1;
  const [, side, block = '', kind, index = '', rest = ''] =
    /^(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.*)$/.exec(name) ?? [];
  if (side === 'down') {
    const first = 1 + Number(block) * each;
    if (kind === 'downsamplers') return `input_blocks.${first + layers}.0.op.${rest.replace('conv.', '')}`;
    const place = `input_blocks.${first + Number(index)}`;
    return kind === 'resnets' ? `${place}.0.${resnet(rest)}` : `${place}.1.${rest}`;
  }
  if (side === 'up') {
    const first = Number(block) * each;
    const attends = ups[Number(block)]!.startsWith('CrossAttn');
    if (kind === 'upsamplers') return `output_blocks.${first + layers}.${attends ? 2 : 1}.${rest}`;
    const place = `output_blocks.${first + Number(index)}`;
    return kind === 'resnets' ? `${place}.0.${resnet(rest)}` : `${place}.1.${rest}`;
  }
  return name
    .replace(
      /^mid_block\.resnets\.(\d)\.(.*)$/,
      (_, i: string, inside: string) => `middle_block.${2 * Number(i)}.${resnet(inside)}`,
    )
    .replace(/^mid_block\.attentions\.0\./, 'middle_block.1.');
}

/** The latent-diffusion repository's name of an autoencoder's tensor. */
export function originalVaeName(name: string, resolutions: number): string {
  return name
    .replace(/mid_block\.attentions\.0\.group_norm/, 'mid.attn_1.norm')
    .replace(/mid_block\.attentions\.0\.to_out\.0/, 'mid.attn_1.proj_out')
    .replace(/mid_block\.attentions\.0\.to_([qkv])/, 'mid.attn_1.$1')
    .replace(/mid_block\.resnets\.(\d)/, (_, i: string) => `mid.block_${Number(i) + 1}`)
    .replace(/conv_norm_out/, 'norm_out')
    .replace(/conv_shortcut/, 'nin_shortcut')
    .replace(/^encoder\.down_blocks\.(\d)\.resnets/, 'encoder.down.$1.block')
    .replace(/^encoder\.down_blocks\.(\d)\.downsamplers\.0/, 'encoder.down.$1.downsample')
    .replace(
      /^decoder\.up_blocks\.(\d)\.(resnets|upsamplers\.0)/,
      (_, i: string, kind: string) =>
        `decoder.up.${resolutions - 1 - Number(i)}.${kind === 'resnets' ? 'block' : 'upsample'}`,
    );
}

const named = (tensors: Tensors, name: (ours: string) => string): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([ours, tensor]) => [name(ours), tensor]));

async function configOf<T>(folder: string, component: string): Promise<T> {
  return JSON.parse(await readFile(join(folder, component, 'config.json'), 'utf8')) as T;
}

/** Our random Stable Diffusion in miniature as one file in the original naming, and the diffusers folder that it was. */
export async function originalCheckpoint(
  options: NetworkModelOptions & { readonly change?: (tensors: Tensors) => Tensors } = {},
): Promise<{ readonly file: string; readonly folder: string }> {
  const { folder } = await checkpoint(options);
  const unet = await configOf<UnetFacts>(folder, 'unet');
  const { block_out_channels: channels } = await configOf<{ block_out_channels: readonly number[] }>(folder, 'vae');
  const tensors = {
    ...named(
      await readTensors(join(folder, 'unet', DIFFUSERS)),
      (name) => `model.diffusion_model.${originalUnetName(name, unet)}`,
    ),
    ...named(
      await readTensors(join(folder, 'vae', DIFFUSERS)),
      (name) => `first_stage_model.${originalVaeName(name, channels.length)}`,
    ),
    ...named(
      await readTensors(join(folder, 'text_encoder', TRANSFORMERS)),
      (name) => `cond_stage_model.transformer.${name}`,
    ),
  };
  const file = join(await temporaryFolder(), 'model.safetensors');
  await writeSafetensors(file, options.change?.(tensors) ?? tensors);
  return { file, folder };
}
