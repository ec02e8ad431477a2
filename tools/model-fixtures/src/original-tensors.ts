import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DIFFUSERS, readTensors, TRANSFORMERS } from './component-files.js';
import type { Tensors } from './fuse-tensors.js';
import { originalFlux, originalOpenClip, originalSd3 } from './original-transformers.js';

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
function originalUnetName(name: string, { layers_per_block: layers, up_block_types: ups }: UnetFacts): string {
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
function originalVaeName(name: string, resolutions: number): string {
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
const under = (prefix: string, tensors: Tensors): Tensors => named(tensors, (name) => prefix + name);

async function configOf<T>(folder: string, component: string): Promise<T> {
  return JSON.parse(await readFile(join(folder, component, 'config.json'), 'utf8')) as T;
}

/** Tensors of a component of a diffusers folder; none where it is not there. */
async function tensorsOf(folder: string, component: string): Promise<Tensors> {
  const files = [DIFFUSERS, TRANSFORMERS].map((name) => join(folder, component, name));
  const file = files.find((path) => existsSync(path));
  return file === undefined ? {} : readTensors(file);
}

/** Prefix of a component's names in the files of a family, where they keep transformers' names. */
const prefixes: Readonly<Record<OriginalFamily, Readonly<Record<string, string>>>> = {
  sd1: { text_encoder: 'cond_stage_model.transformer.' },
  sd2: {},
  sdxl: { text_encoder: 'conditioner.embedders.0.transformer.' },
  sd3: {
    text_encoder: 'text_encoders.clip_l.transformer.',
    text_encoder_2: 'text_encoders.clip_g.transformer.',
    text_encoder_3: 'text_encoders.t5xxl.transformer.',
  },
  flux: { text_encoder: 'text_encoders.clip_l.transformer.', text_encoder_2: 'text_encoders.t5xxl.transformer.' },
};

/** Families whose single files have a naming of their own. */
export type OriginalFamily = 'sd1' | 'sd2' | 'sdxl' | 'sd3' | 'flux';

/** A pipeline of a diffusers folder as its family's authors would have published it in one file. */
export async function originalTensors(folder: string, family: OriginalFamily): Promise<Tensors> {
  const { block_out_channels: channels } = await configOf<{ block_out_channels: readonly number[] }>(folder, 'vae');
  const vaeName = (name: string): string => originalVaeName(name, channels.length);
  const parts: Tensors[] = [under('first_stage_model.', named(await tensorsOf(folder, 'vae'), vaeName))];
  for (const [component, prefix] of Object.entries(prefixes[family]))
    parts.push(under(prefix, await tensorsOf(folder, component)));
  if (family === 'sd2')
    parts.push(
      under('cond_stage_model.model.', originalOpenClip(await tensorsOf(folder, 'text_encoder'), { extraLayer: true })),
    );
  if (family === 'sdxl')
    parts.push(
      under(
        'conditioner.embedders.1.model.',
        originalOpenClip(await tensorsOf(folder, 'text_encoder_2'), { extraLayer: false }),
      ),
    );
  if (family === 'sd3' || family === 'flux') {
    const transformer = await tensorsOf(folder, 'transformer');
    parts.push(under(DENOISER, family === 'sd3' ? originalSd3(transformer) : originalFlux(transformer)));
  } else {
    const unet = await configOf<UnetFacts>(folder, 'unet');
    const unetName = (name: string): string => originalUnetName(name, unet);
    parts.push(under(DENOISER, named(await tensorsOf(folder, 'unet'), unetName)));
  }
  return Object.assign({}, ...parts) as Tensors;
}

const DENOISER = 'model.diffusion_model.';
