import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LascauxError, parametersOf } from '@lascaux/nn';
import { loadParameters } from '@lascaux/training';
import { autoencoder } from '@lascaux/vae/train';
import type { Scaling } from './latent-store.js';
import { painterVaeConfig } from './networks.js';

const AXES = { batch: 'batch', height: 'height', width: 'width' };
/** What lies in the repository, for those who begin with a later stage. */
const KEPT = fileURLToPath(new URL('../../stages/vae', import.meta.url));

/** The finished VAE: its weights by name, and how its latents are scaled. */
export interface FinishedVae {
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly scaling: Scaling;
}

/** File beside the VAE with a weight for each channel of its latents; `npm run painter:vae-figures -- --weigh` writes it. */
export const CHANNEL_WEIGHTS = 'channel_weights.json';

const CENTRE = 4;
const FILTER = 9;

/**
 * The same VAE with latents whose channel c is w_c times as large. What the encoder adds to its last convolution and the decoder to its first
 * (DC-AE's shortcuts, groups of channels averaged or repeated) is no parameter, so the difference goes into the filters' centres.
 */
export function weighedVae(weights: FinishedVae['weights'], channels: readonly number[]): FinishedVae['weights'] {
  const changed = new Map(weights);
  const own = (name: string): Float32Array => {
    const values = Float32Array.from(weights.get(name)!);
    changed.set(name, values);
    return values;
  };
  const [out, outBias] = [own('encoder.conv_out.weight'), own('encoder.conv_out.bias')];
  const logVariance = own('encoder.conv_out_log_variance.bias');
  const inward = own('decoder.conv_in.weight');
  const count = channels.length;
  const deep = out.length / (count * FILTER);
  const wide = inward.length / (count * FILTER);
  channels.forEach((weight, c) => {
    const filters = out.subarray(c * deep * FILTER, (c + 1) * deep * FILTER);
    filters.forEach((value, i) => (filters[i] = weight * value));
    const group = deep / count;
    for (let k = c * group; k < (c + 1) * group; k++) filters[k * FILTER + CENTRE]! += (weight - 1) / group;
    outBias[c]! *= weight;
    logVariance[c]! += 2 * Math.log(weight);
    for (let o = 0; o < wide; o++) {
      const at = (o * count + c) * FILTER;
      for (let i = 0; i < FILTER; i++) inward[at + i]! /= weight;
      if (Math.floor((o * count) / wide) === c) inward[at + CENTRE]! += 1 / weight - 1;
    }
  });
  return changed;
}

/** The folder of the model that the VAE's stage has written into `runs`, or of the one that the repository keeps. */
export const vaeFolder = (runs: string): string => {
  const own = join(runs, 'vae', 'model');
  return existsSync(own) ? own : KEPT;
};

/** Reads a VAE as it was trained. */
export async function trainedVae(folder: string): Promise<FinishedVae> {
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

/**
 * The VAE of the stages after it: the one in `vaeFolder`, its channels weighed (docs/decisions/0167).
 * @throws {LascauxError} when that folder has no weights of channels
 */
export async function finishedVae(runs: string): Promise<FinishedVae> {
  const folder = vaeFolder(runs);
  const path = join(folder, CHANNEL_WEIGHTS);
  if (!existsSync(path))
    throw new LascauxError({
      operation: path,
      rule: 'is missing: npm run painter:vae-figures -- --weigh writes it',
      kind: 'usage',
    });
  const vae = await trainedVae(folder);
  return { ...vae, weights: weighedVae(vae.weights, JSON.parse(await readFile(path, 'utf8')) as number[]) };
}
