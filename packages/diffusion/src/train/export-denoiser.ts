import { join } from 'node:path';
import type { UNet2DConditionConfig } from '@lascaux/nn/networks';
import { unetProgram } from '@lascaux/nn/networks';
import { writeComponent } from '@lascaux/nn/onnx';
import type { NoiseProcess } from './default-config.js';
import { writeScheduler } from './write-scheduler.js';

/** What a denoiser's export is told besides its network. */
export interface DenoiserExport {
  /** Weights by name, e.g. the running average of a training. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Model folder that gets the denoiser's folder and `scheduler/`. */
  readonly directory: string;
  readonly process: NoiseProcess;
  /** Tokens of an embedded caption. */
  readonly tokens: number;
  /** Element type of the stored weights; default `F16`. */
  readonly dtype?: 'F32' | 'F16';
}

/** Options of `exportDenoiser`. */
export interface ExportDenoiserOptions extends DenoiserExport {
  readonly config: UNet2DConditionConfig;
}

/** Writes a trained UNet as `unet/` and `scheduler/` (DDIM with the training's process) of a model folder. */
export async function exportDenoiser({
  weights,
  directory,
  config,
  process,
  tokens,
  dtype = 'F16',
}: ExportDenoiserOptions): Promise<void> {
  const program = unetProgram(config, { batch: 'batch', height: 'height', width: 'width', tokens });
  await writeComponent(join(directory, 'unet'), {
    program,
    // The graph takes latents of any height and width, which other exporters' graphs do not.
    config: { _class_name: 'UNet2DConditionModel', _lascaux: { latent_multiple: 1 }, ...config },
    weights,
    dtype,
  });
  await writeScheduler(directory, process);
}
