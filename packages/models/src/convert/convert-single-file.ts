import { join, resolve } from 'node:path';
import { writeFileAtomically } from '@lascaux/nn';
import { openCheckpoint, type OpenCheckpoint } from '../single-file/open-checkpoint.js';
import { planSingleFile, type PlannedFile } from '../single-file/plan-single-file.js';
import { planVaeFile } from '../single-file/vae-file.js';
import { checkTokenizers, writeSmallParts } from '../single-file/write-parts.js';
import type { PlannedComponent } from './convert-component.js';
import { componentFacts, progressOf, type ConvertOptions, type ConvertResult } from './conversion.js';
import { makeFolder } from './staged-folder.js';

/** Options of a conversion, and whether an autoencoder alone is something else. */
interface SingleConversion extends ConvertOptions {
  readonly wholeOnly?: boolean;
}

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

/** The folders of an autoencoder, in a folder. */
async function writeVae(component: PlannedComponent, options: ConvertOptions): Promise<ConvertResult> {
  const { out, signal } = options;
  const onTensor = progressOf([component], options)(component);
  await makeFolder(out, { signal, fill: (temporary) => component.write(join(temporary, component.name), onTensor) });
  return { out: resolve(out), components: { [component.name]: componentFacts(component) }, left: [] };
}

async function convertOpen(checkpoint: OpenCheckpoint, options: SingleConversion): Promise<ConvertResult | undefined> {
  const planned = await planSingleFile(checkpoint, options);
  if (planned === undefined) {
    const vae = options.wholeOnly === true ? undefined : await planVaeFile(checkpoint, options);
    return vae === undefined ? undefined : writeVae(vae, options);
  }
  try {
    return await write(planned, options);
  } finally {
    await Promise.all(planned.components.map((component) => component.close()));
  }
}

/**
 * Converts a whole model, or an autoencoder, in one file, as sharing sites have them.
 * @returns undefined where the file is something else
 * @throws {LascauxError} as `convertModel`
 */
export async function convertSingleFile(options: SingleConversion): Promise<ConvertResult | undefined> {
  const checkpoint = await openCheckpoint(resolve(options.model));
  try {
    return await convertOpen(checkpoint, options);
  } finally {
    await checkpoint.source.close();
  }
}
