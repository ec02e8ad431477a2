import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parametersOf, writeSafetensors, type SafetensorsTensor } from '@lascaux/nn';
import { autoencoderTinyConfig, tinyDecoderProgram, tinyEncoderProgram } from '@lascaux/nn/networks';
import { initializeParameters } from '@lascaux/training';

/** A tiny autoencoder with two pixels per latent cell, as the miniatures have it. */
export const tinyConfig = {
  _class_name: 'AutoencoderTiny',
  latent_channels: 4,
  encoder_block_out_channels: [8, 8],
  decoder_block_out_channels: [8, 8],
  num_encoder_blocks: [1, 1],
  num_decoder_blocks: [1, 1],
};

type Tensors = Record<string, SafetensorsTensor>;

/** Random weights by diffusers' names. */
export function tinyWeights(json: object = tinyConfig): Tensors {
  const config = autoencoderTinyConfig(json);
  const axes = { batch: 'batch', height: 'height', width: 'width' };
  const specs = [tinyEncoderProgram(config, axes), tinyDecoderProgram(config, axes)].flatMap(parametersOf);
  const values = initializeParameters(specs, 'tiny');
  return Object.fromEntries(
    specs.map(({ name, shape }) => [name, { dtype: 'F32', shape, data: values.get(name) as Float32Array }]),
  );
}

/** Saves it as diffusers does. */
export async function saveTiny(folder: string, json: object = tinyConfig): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(json));
  await writeSafetensors(join(folder, 'diffusion_pytorch_model.safetensors'), tinyWeights(json));
}

/** Saves one half as its author does: no prefix, the decoder counting from 1. */
export async function saveHalf(path: string, part: 'encoder' | 'decoder', json: object = tinyConfig): Promise<void> {
  const prefix = `${part}.layers.`;
  const entries = Object.entries(tinyWeights(json)).filter(([name]) => name.startsWith(prefix));
  const renamed = entries.map(([name, tensor]) => {
    const [index = '', ...rest] = name.slice(prefix.length).split('.');
    return [[Number(index) + (part === 'decoder' ? 1 : 0), ...rest].join('.'), tensor] as const;
  });
  await writeSafetensors(path, Object.fromEntries(renamed));
}
