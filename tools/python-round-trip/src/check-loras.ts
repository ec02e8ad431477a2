import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { convertModel } from '@lascaux/models/convert';
import { mergeLoras } from '@lascaux/models/lora';
import { randomStream, readSafetensors, writeSafetensors, type SafetensorsTensor } from '@lascaux/nn';
import type { Finding } from './finding.js';
import { runPython } from './run-python.js';

const [RANK, ALPHA, STRENGTH] = [3, 2, 0.7];
/** Layers that trainers put a LoRA on. */
const ADAPTED =
  /(to_[qkv]|to_out\.0|proj_in|proj_out|ff\.net\.0\.proj|ff\.net\.2|[qkv]_proj|out_proj|fc1|fc2)\.weight$/;
const PREFIX: Readonly<Record<string, string>> = { unet: 'lora_unet_', text_encoder: 'lora_te_' };

/** A random LoRA in kohya's naming for a component's weights. */
async function kohyaLora(folder: string, component: string): Promise<Record<string, SafetensorsTensor>> {
  const file = (await readdir(join(folder, component))).find((name) => name.endsWith('.safetensors'))!;
  const { tensors } = await readSafetensors(join(folder, component, file));
  const result: Record<string, SafetensorsTensor> = {};
  for (const [name, { shape }] of tensors) {
    if (!ADAPTED.test(name)) continue;
    const module = PREFIX[component]! + name.replace(/\.weight$/, '').replaceAll('.', '_');
    const [rows = 1, columns = 1] = shape;
    const ones = shape.slice(2).map(() => 1);
    const random = (part: string, size: number): Float32Array =>
      randomStream(9)
        .fork(module + part)
        .normal(size);
    result[`${module}.lora_down.weight`] = {
      dtype: 'F32',
      shape: [RANK, columns, ...ones],
      data: random('down', RANK * columns),
    };
    result[`${module}.lora_up.weight`] = {
      dtype: 'F32',
      shape: [rows, RANK, ...ones],
      data: random('up', rows * RANK),
    };
    result[`${module}.alpha`] = { dtype: 'F32', shape: [], data: Float32Array.of(ALPHA) };
  }
  return result;
}

/** Whether LoRAs change our weights as diffusers' `fuse_lora` does. */
export async function* checkLoras(options: {
  readonly fixtures: string;
  readonly folder: string;
  readonly python: string;
}): AsyncGenerator<Finding> {
  const { fixtures, folder, python } = options;
  const model = join(fixtures, 'sd1');
  const out = join(folder, 'sd1');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await convertModel({ model, out, dtype: 'F32' });
  const components = Object.keys(PREFIX);
  const parts = await Promise.all(components.map((component) => kohyaLora(model, component)));
  const lora = join(folder, 'kohya.safetensors');
  await writeSafetensors(lora, Object.assign({}, ...parts) as Record<string, SafetensorsTensor>);
  const merged = await mergeLoras([{ path: lora, strength: STRENGTH }], {
    denoiser: join(out, 'unet'),
    text_encoder: join(out, 'text_encoder'),
  });
  const files: string[] = [];
  for (const component of components) {
    const file = join(folder, `${component}.safetensors`);
    await writeFile(file, merged.get(component === 'unet' ? 'denoiser' : component)!.data);
    files.push(`${component}=${file}`);
  }
  for await (const line of runPython(python, 'fuse_lora.py', [model, lora, String(STRENGTH), ...files])) {
    const { component, difference } = JSON.parse(line) as { component: string; difference: number };
    yield { library: 'diffusers', case: `LoRA of kohya, ${component}`, difference };
  }
}
