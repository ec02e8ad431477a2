import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { originalTensors, type OriginalFamily } from '@lascaux/model-fixtures/original';
import { writeSafetensors } from '@lascaux/nn';
import type { Finding } from './finding.js';
import { runPython } from './run-python.js';

/** Small pipelines of `test/fixtures`, and the naming of their families' single files; Flux is missing, for diffusers reads its published size alone. */
const singleFileCases: Readonly<Record<string, OriginalFamily>> = {
  sd1: 'sd1',
  inpainting: 'sd1',
  sd2: 'sd2',
  sdxl: 'sdxl',
  sd3: 'sd3',
  sd35: 'sd3',
};

/** Whether diffusers' `from_single_file` finds in our files of the original naming what the folders hold: then ours does, which reads them too. */
export async function* checkSingleFiles({
  fixtures,
  folder,
  python,
}: {
  readonly fixtures: string;
  readonly folder: string;
  readonly python: string;
}): AsyncGenerator<Finding> {
  await mkdir(folder, { recursive: true });
  for (const [name, family] of Object.entries(singleFileCases)) {
    const model = join(fixtures, name);
    const file = join(folder, `${name}.safetensors`);
    await writeSafetensors(file, await originalTensors(model, family));
    for await (const line of runPython(python, 'open_single_file.py', [file, model])) {
      const { component, difference } = JSON.parse(line) as { component: string; difference: number };
      yield { library: 'diffusers', case: `${name} ${component}`, difference };
    }
  }
}
