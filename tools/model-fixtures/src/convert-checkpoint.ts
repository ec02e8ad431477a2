import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors, type SafetensorsTensor } from '@lascaux/nn';
import { DIFFUSERS, readTensors, TRANSFORMERS } from './component-files.js';
import { networkModel, type NetworkModelOptions } from './network-model.js';
import { temporaryFolder } from './tiny-model.js';

/** Name of a component's weights file. */
export const weightsOf = (component: string): string => (component === 'text_encoder' ? TRANSFORMERS : DIFFUSERS);

type Tensors = Record<string, SafetensorsTensor>;

/** Rewrites a component's weights. */
export async function changeWeights(folder: string, component: string, change: (tensors: Tensors) => Tensors) {
  const path = join(folder, component, weightsOf(component));
  await writeSafetensors(path, change(await readTensors(path)), { format: 'pt' });
}

/** Changes a component's `config.json`, or another JSON file. */
export async function changeJson(path: string, change: object): Promise<void> {
  const json = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...json, ...change }, null, 2));
}

/** Splits a component's weights into shards, with an index, as diffusers does. */
export async function shard(folder: string, component: string, count: number): Promise<string> {
  const name = weightsOf(component);
  const path = join(folder, component, name);
  const tensors = Object.entries(await readTensors(path));
  const map: Record<string, string> = {};
  for (let i = 0; i < count; i++) {
    const file = name.replace('.safetensors', `-0000${i + 1}-of-0000${count}.safetensors`);
    const part = tensors.filter((_, k) => k % count === i);
    for (const [key] of part) map[key] = file;
    await writeSafetensors(join(folder, component, file), Object.fromEntries(part));
  }
  await rm(path);
  const index = `${path}.index.json`;
  await writeFile(index, JSON.stringify({ metadata: { total_size: 0 }, weight_map: map }));
  return index;
}

/** Our random Stable Diffusion in miniature, and the same as diffusers would have saved it: no graphs, one autoencoder. */
export async function checkpoint(options: NetworkModelOptions = {}): Promise<{ model: string; folder: string }> {
  const model = await networkModel(options);
  const folder = join(await temporaryFolder(), 'checkpoint');
  await cp(model, folder, { recursive: true });
  const [encoder, decoder] = await Promise.all(
    ['vae_encoder', 'vae_decoder'].map((part) => readTensors(join(folder, part, DIFFUSERS))),
  );
  await mkdir(join(folder, 'vae'));
  await cp(join(folder, 'vae_encoder', 'config.json'), join(folder, 'vae', 'config.json'));
  await writeSafetensors(join(folder, 'vae', DIFFUSERS), { ...encoder, ...decoder });
  await rm(join(folder, 'vae_encoder'), { recursive: true });
  await rm(join(folder, 'vae_decoder'), { recursive: true });
  const text = await readTensors(join(folder, 'text_encoder', DIFFUSERS));
  await rm(join(folder, 'text_encoder', DIFFUSERS));
  await writeSafetensors(join(folder, 'text_encoder', TRANSFORMERS), text);
  for (const part of ['text_encoder', 'unet']) await rm(join(folder, part, 'model.onnx'));
  const own = { _lascaux: undefined };
  await changeJson(join(folder, 'unet', 'config.json'), { ...own, _class_name: 'UNet2DConditionModel' });
  await changeJson(join(folder, 'vae', 'config.json'), { ...own, _class_name: 'AutoencoderKL' });
  return { model, folder };
}
