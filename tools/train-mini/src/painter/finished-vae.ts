import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parametersOf } from '@lascaux/nn';
import { loadParameters } from '@lascaux/training';
import { autoencoder } from '@lascaux/vae/train';
import type { Scaling } from './denoiser-batches.js';
import { painterVaeConfig } from './networks.js';

const AXES = { batch: 'batch', height: 'height', width: 'width' };
/** What lies in the repository, for those who begin with a later stage. */
const KEPT = fileURLToPath(new URL('../../stages/vae', import.meta.url));

/** The finished VAE: its weights by name, and how its latents are scaled. */
export interface FinishedVae {
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly scaling: Scaling;
}

/** Reads the model that the VAE's stage has written into `runs`, or the one that the repository keeps. */
export async function finishedVae(runs: string): Promise<FinishedVae> {
  const own = join(runs, 'vae', 'model');
  const folder = existsSync(own) ? own : KEPT;
  const { encoderProgram, decoderProgram } = autoencoder(painterVaeConfig);
  const file = (part: string): string => join(folder, part, 'diffusion_pytorch_model.safetensors');
  const encoder = await loadParameters(file('vae_encoder'), parametersOf(encoderProgram(AXES)));
  const decoder = await loadParameters(file('vae_decoder'), parametersOf(decoderProgram(AXES)));
  const config = JSON.parse(await readFile(join(folder, 'vae_decoder', 'config.json'), 'utf8')) as {
    scaling_factor: number;
    shift_factor: number;
  };
  return {
    weights: new Map([...encoder, ...decoder]),
    scaling: { scalingFactor: config.scaling_factor, shiftFactor: config.shift_factor },
  };
}
