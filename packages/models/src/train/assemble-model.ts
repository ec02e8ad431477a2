import { cp, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, writeFileAtomically } from '@lascaux/nn';
import { SAMPLING } from './paint-samples.js';

/** Where the parts of a model come from, and where they go. */
export interface AssembleOptions {
  /** Model folder that has `unet/` and `scheduler/` already. */
  readonly directory: string;
  /** Model folder with the VAE. */
  readonly vae: string;
  /** Model folder with the text encoder and its tokenizer. */
  readonly textEncoder: string;
  /** Side of its pictures in pixels. */
  readonly size: number;
}

/** Completes a model folder: copies the parts that were trained before, and writes `model_index.json` last. */
export async function assembleModel({ directory, vae, textEncoder, size }: AssembleOptions): Promise<void> {
  for (const part of ['vae_encoder', 'vae_decoder']) await copyPart(vae, directory, part);
  for (const part of ['text_encoder', 'tokenizer']) await copyPart(textEncoder, directory, part);
  const hasImages = (await stat(join(textEncoder, 'image_encoder')).catch(() => undefined))?.isDirectory() === true;
  if (hasImages) await copyPart(textEncoder, directory, 'image_encoder');
  const vaeClass = await autoencoderClass(join(directory, 'vae_decoder', 'config.json'));
  const index = {
    _class_name: 'StableDiffusionPipeline',
    _diffusers_version: '0.35.0',
    _lascaux: { ...SAMPLING, size },
    scheduler: ['diffusers', 'DDIMScheduler'],
    // Python's StableDiffusionPipeline wants the class whose first result are the states; the projection beside them is for scores.
    text_encoder: ['transformers', 'CLIPTextModel'],
    tokenizer: ['transformers', 'CLIPTokenizer'],
    unet: ['diffusers', 'UNet2DConditionModel'],
    vae_decoder: ['diffusers', vaeClass],
    vae_encoder: ['diffusers', vaeClass],
    ...(hasImages ? { image_encoder: ['transformers', 'CLIPVisionModelWithProjection'] } : {}),
  };
  await writeFileAtomically(join(directory, 'model_index.json'), `${JSON.stringify(index, null, 2)}\n`);
}

/** AutoencoderKL, or the class that the autoencoder's config names: a tiny one. */
async function autoencoderClass(path: string): Promise<string> {
  const name = await readJson(path, (json) => (json as Readonly<Record<string, unknown>> | null)?._class_name);
  return typeof name === 'string' ? name : 'AutoencoderKL';
}

async function copyPart(from: string, to: string, part: string): Promise<void> {
  if (join(from, part) === join(to, part)) return;
  await cp(join(from, part), join(to, part), { recursive: true });
}
