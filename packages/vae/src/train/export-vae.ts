import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageSet } from '@lascaux/data';
import { toPixels } from '@lascaux/data';
import { writeFileAtomically } from '@lascaux/nn';
import { writeComponent } from '@lascaux/nn/onnx';
import { loadVaeEncoder } from '../load.js';
import type { AutoencoderConfig } from './autoencoder.js';
import { autoencoder } from './autoencoder.js';

/** Options of `exportVae`. */
export interface ExportVaeOptions {
  /** Weights by name, e.g. the running average of a training. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Model folder that gets `vae_encoder/` and `vae_decoder/`. */
  readonly directory: string;
  readonly config: AutoencoderConfig;
  /** Element type of the stored weights; default `F16`. */
  readonly dtype?: 'F32' | 'F16';
  /** How latents are scaled, where that is settled already (a decoder trained for latents that exist), or what it is measured on. */
  readonly scaling: MeasuredScaling | ScalingSamples;
}

/** Images whose latents are measured. */
export interface ScalingSamples {
  readonly set: ImageSet;
  /** Side of the images in pixels. */
  readonly size: number;
  /** How many of them; default 512. */
  readonly measured?: number;
}

/** The numbers that bring raw latents to mean 0 and deviation 1. */
export interface MeasuredScaling {
  readonly scalingFactor: number;
  readonly shiftFactor: number;
}

/** Mean and deviation over all cells and channels of posterior means. */
async function latentMoments(
  directory: string,
  { set, size, measured = 512 }: ScalingSamples,
): Promise<{ mean: number; deviation: number }> {
  const encoder = await loadVaeEncoder(join(directory, 'vae_encoder'));
  let [count, sum, squares] = [0, 0, 0];
  const step = Math.max(1, Math.floor(set.length / measured));
  for (let i = 0; i < set.length; i += step) {
    const pixels = toPixels(await set.pixels(i, size), { height: size, width: size });
    for (const value of (await encoder.posterior(pixels, { height: size, width: size })).mean) {
      count += 1;
      sum += value;
      squares += value * value;
    }
  }
  await encoder.dispose();
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(squares / count - mean * mean) };
}

async function measuredScaling(directory: string, samples: ScalingSamples): Promise<MeasuredScaling> {
  const { mean, deviation } = await latentMoments(directory, samples);
  return { scalingFactor: 1 / deviation, shiftFactor: mean };
}

/**
 * Writes a trained VAE as two component folders that any Stable Diffusion runtime reads. The scaling factor is measured, 1 / deviation, and
 * the shift is the mean (Rombach et al. 2022, appendix G), so that the denoiser sees latents of mean 0 and deviation 1.
 * @throws {LascauxError} when the weights do not fit the config
 */
export async function exportVae(options: ExportVaeOptions): Promise<MeasuredScaling> {
  const { weights, directory, config, scaling, dtype = 'F16' } = options;
  const axes = { batch: 'batch', height: 'height', width: 'width' };
  const { className, encoderProgram, decoderProgram } = autoencoder(config);
  const base = { _class_name: className, ...config, scaling_factor: 1, shift_factor: 0 };
  await writeComponent(join(directory, 'vae_encoder'), {
    program: encoderProgram(axes),
    config: base,
    weights,
    dtype,
  });
  await writeComponent(join(directory, 'vae_decoder'), {
    program: decoderProgram(axes),
    config: base,
    weights,
    dtype,
  });
  const measured = 'set' in scaling ? await measuredScaling(directory, scaling) : scaling;
  for (const part of ['vae_encoder', 'vae_decoder']) {
    const path = join(directory, part, 'config.json');
    const written = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    await writeFileAtomically(
      path,
      `${JSON.stringify({ ...written, scaling_factor: measured.scalingFactor, shift_factor: measured.shiftFactor }, null, 2)}\n`,
    );
  }
  return measured;
}
