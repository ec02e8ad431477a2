import { join, resolve } from 'node:path';
import { writeFileAtomically } from '@lascaux/nn';
import { openCheckpoint, type OpenCheckpoint } from '../single-file/open-checkpoint.js';
import { planSingleFile, type PlannedFile } from '../single-file/plan-single-file.js';
import { checkTokenizers, writeSmallParts } from '../single-file/write-parts.js';
import { componentFacts, progressOf, type ConvertOptions, type ConvertResult } from './conversion.js';
import { makeFolder } from './staged-folder.js';

const predictions = { epsilon: 'predicts noise', v_prediction: 'predicts velocity', flow: 'rectified flow' } as const;

async function write({ family, components, index, absent }: PlannedFile, options: ConvertOptions): Promise<ConvertResult> {
  const { model, out, base, signal } = options;
  const small = { operation: resolve(model), family, base, absent };
  await checkTokenizers(small);
  const told = `${family.name}, ${predictions[family.prediction]}`;
  options.onFamily?.(told);
  const progress = progressOf(components, options);
  await makeFolder(out, {
    signal,
    fill: async (temporary) => {
      for (const component of components) await component.write(join(temporary, component.name), progress(component));
      await writeSmallParts(temporary, small);
      await writeFileAtomically(join(temporary, 'model_index.json'), `${JSON.stringify(index, null, 2)}\n`);
    },
  });
  return {
    out: resolve(out),
    family: told,
    components: Object.fromEntries(components.map((component) => [component.name, componentFacts(component)])),
    left: absent,
  };
}

async function convertOpen(checkpoint: OpenCheckpoint, options: ConvertOptions): Promise<ConvertResult | undefined> {
  const planned = await planSingleFile(checkpoint, options);
  if (planned === undefined) return undefined;
  try {
    return await write(planned, options);
  } finally {
    await Promise.all(planned.components.map((component) => component.close()));
  }
}

/**
 * Converts a whole model in one file, as sharing sites have them.
 * @returns undefined where the file is something else
 * @throws {LascauxError} as `convertModel`
 */
export async function convertSingleFile(options: ConvertOptions): Promise<ConvertResult | undefined> {
  const checkpoint = await openCheckpoint(resolve(options.model));
  try {
    return await convertOpen(checkpoint, options);
  } finally {
    await checkpoint.source.close();
  }
}
