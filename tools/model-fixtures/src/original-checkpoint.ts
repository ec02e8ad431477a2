import { join } from 'node:path';
import { writeSafetensors } from '@lascaux/nn';
import { checkpoint } from './convert-checkpoint.js';
import type { Tensors } from './fuse-tensors.js';
import type { NetworkModelOptions } from './network-model.js';
import { originalTensors } from './original-tensors.js';
import { temporaryFolder } from './tiny-model.js';

/** Our random Stable Diffusion in miniature as one file in the original naming, and the diffusers folder that it was. */
export async function originalCheckpoint(
  options: NetworkModelOptions & { readonly change?: (tensors: Tensors) => Tensors } = {},
): Promise<{ readonly file: string; readonly folder: string }> {
  const { folder } = await checkpoint(options);
  const tensors = await originalTensors(folder, 'sd1');
  const file = join(await temporaryFolder(), 'model.safetensors');
  await writeSafetensors(file, options.change?.(tensors) ?? tensors);
  return { file, folder };
}
