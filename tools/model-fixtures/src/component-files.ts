import { readSafetensors, type SafetensorsTensor } from '@lascaux/nn';

/** Names of the weights files of diffusers and transformers. */
export const DIFFUSERS = 'diffusion_pytorch_model.safetensors';
export const TRANSFORMERS = 'model.safetensors';

/** All tensors of a safetensors file by name. */
export async function readTensors(path: string): Promise<Record<string, SafetensorsTensor>> {
  return Object.fromEntries((await readSafetensors(path)).tensors);
}
