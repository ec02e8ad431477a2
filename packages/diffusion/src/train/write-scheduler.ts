import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@lascaux/nn';
import type { NoiseProcess } from './default-config.js';

/** The `scheduler_config.json` of a process: DDIM, with the last timestep first, where there is nothing but noise. */
export const schedulerConfigOf = (process: NoiseProcess): Readonly<Record<string, unknown>> => ({
  _class_name: 'DDIMScheduler',
  ...process,
  clip_sample: false,
  set_alpha_to_one: true,
  steps_offset: 0,
  timestep_spacing: 'trailing',
});

/** Writes `scheduler/` of a model folder. */
export async function writeScheduler(directory: string, process: NoiseProcess): Promise<void> {
  await mkdir(join(directory, 'scheduler'), { recursive: true });
  await writeFileAtomically(
    join(directory, 'scheduler', 'scheduler_config.json'),
    `${JSON.stringify(schedulerConfigOf(process), null, 2)}\n`,
  );
}
