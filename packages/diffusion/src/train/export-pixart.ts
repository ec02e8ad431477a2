import { join } from 'node:path';
import type { PixArtConfig } from '@lascaux/nn/networks';
import { pixArtProgram } from '@lascaux/nn/networks';
import { writeComponent } from '@lascaux/nn/onnx';
import type { DenoiserExport } from './export-denoiser.js';
import { writeScheduler } from './write-scheduler.js';

/** Options of `exportPixArt`. */
export interface ExportPixArtOptions extends DenoiserExport {
  readonly config: PixArtConfig;
  /** Whether the graph has an input `encoder_attention_mask`, for text whose padding is not read; default false. */
  readonly masked?: boolean;
}

/** Keys that the reader of configs knows from other transformers; diffusers' PixArtTransformer2DModel has no such option. */
const FOREIGN = ['double_self_attention', 'only_cross_attention', 'num_vector_embeds', 'use_linear_projection'];

/**
 * Writes a trained PixArt transformer as `transformer/` and `scheduler/` (DDIM with the training's process) of a model
 * folder. Its graph takes latents of `sample_size` cells a side, and no others.
 */
export async function exportPixArt({
  weights,
  directory,
  config,
  process,
  tokens,
  masked = false,
  dtype = 'F16',
}: ExportPixArtOptions): Promise<void> {
  const { sample_size: side } = config;
  const own = Object.fromEntries(Object.entries(config).filter(([key]) => !FOREIGN.includes(key)));
  await writeComponent(join(directory, 'transformer'), {
    program: pixArtProgram(config, { batch: 'batch', height: side, width: side, tokens, masked }),
    config: { _class_name: 'PixArtTransformer2DModel', _lascaux: { latent_size: side }, ...own },
    weights,
    dtype,
  });
  await writeScheduler(directory, process);
}
