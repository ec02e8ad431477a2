import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@lascaux/nn';
import type { UNet2DConditionConfig } from '@lascaux/nn/networks';
import { unetProgram } from '@lascaux/nn/networks';
import { writeComponent } from '@lascaux/nn/onnx';
import type { NoiseProcess } from './default-config.js';

/** Options of `exportDenoiser`. */
export interface ExportDenoiserOptions {
  /** Weights by name, e.g. the running average of a training. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Model folder that gets `unet/` and `scheduler/`. */
  readonly directory: string;
  readonly config: UNet2DConditionConfig;
  readonly process: NoiseProcess;
  /** Tokens of an embedded caption. */
  readonly tokens: number;
  /** Element type of the stored weights; default `F16`. */
  readonly dtype?: 'F32' | 'F16';
}

/** The `scheduler_config.json` of a process: DDIM, with the last timestep first, where there is nothing but noise. */
export const schedulerConfigOf = (process: NoiseProcess): Readonly<Record<string, unknown>> => ({
  _class_name: 'DDIMScheduler',
  ...process,
  clip_sample: false,
  set_alpha_to_one: true,
  steps_offset: 0,
  timestep_spacing: 'trailing',
});

/** Writes a trained denoiser as `unet/` and `scheduler/` (DDIM with the training's process) of a model folder. */
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
  const scheduler = schedulerConfigOf(process);
  await mkdir(join(directory, 'scheduler'), { recursive: true });
  await writeFileAtomically(
    join(directory, 'scheduler', 'scheduler_config.json'),
    `${JSON.stringify(scheduler, null, 2)}\n`,
  );
}
