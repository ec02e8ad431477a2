import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { check, LascauxError, readJson, writeFileAtomically } from '@lascaux/nn';
import { isFolder } from '../folder/is-folder.js';
import { parseModelIndex, type ModelIndex } from '../folder/model-index.js';
import type { JsonObject } from './component-kinds.js';
import { componentFacts, progressOf, type ConvertOptions, type ConvertResult } from './conversion.js';
import { planComponent, planTinyFiles, type PlannedComponent, type WeightOptions } from './convert-component.js';
import { convertSingleFile } from './convert-single-file.js';
import { copyFiles } from './copy-files.js';
import { makeFolder } from './staged-folder.js';
import { findTinyFiles } from './tiny-files.js';
import { planVaeFile } from '../single-file/vae-file.js';

/** Components that are files, and are copied. */
const copied = /^(tokenizer(_\d)?|scheduler|feature_extractor|image_processor)$/;
/** Components that painting does not need. */
const leftOut = /^(safety_checker|watermark)$/;
/** The index of the new model: as it was, without what was left out. */
const newIndex = (index: JsonObject, left: readonly string[]): JsonObject => ({
  ...index,
  ...Object.fromEntries(left.map((name) => [name, [null, null]])),
  ...(left.includes('safety_checker') ? { requires_safety_checker: false } : {}),
});

interface Checkpoint {
  readonly json: JsonObject;
  readonly index: ModelIndex;
}

async function readCheckpoint(folder: string): Promise<Checkpoint | undefined> {
  return readJson(join(folder, 'model_index.json'), (json) => ({
    index: parseModelIndex(json),
    json: json as JsonObject,
  }));
}

async function planAll(
  folder: string,
  { index, json }: Checkpoint,
  options: WeightOptions,
): Promise<PlannedComponent[]> {
  const planned: PlannedComponent[] = [];
  const pipeline = { className: index.className, aesthetics: json.requires_aesthetics_score === true };
  try {
    for (const [name, className] of Object.entries(index.components)) {
      if (copied.test(name) || leftOut.test(name)) continue;
      check(/^\w+$/.test(name), {
        operation: join(folder, 'model_index.json'),
        rule: 'a component must have a plain name',
        value: name,
      });
      planned.push(await planComponent({ ...options, folder: join(folder, name), name, className, pipeline }));
    }
    return planned;
  } catch (error) {
    await Promise.all(planned.map((component) => component.close()));
    throw error;
  }
}

/** A component's folder, an autoencoder in one file, or the files of a tiny one. */
async function planAlone({ model, dtype, variant, base }: ConvertOptions): Promise<PlannedComponent> {
  const path = resolve(model);
  const vae = (await isFolder(path)) ? undefined : await planVaeFile(path, { base, dtype });
  if (vae !== undefined) return vae;
  const files = await findTinyFiles(path);
  return files.length > 0 ? planTinyFiles(files, { dtype }) : planComponent({ folder: path, dtype, variant });
}

/** A component alone becomes the folder itself, an autoencoder folders in it. */
async function convertComponent(options: ConvertOptions): Promise<ConvertResult> {
  const { out, signal } = options;
  const component = await planAlone(options);
  const { name } = component;
  try {
    const onTensor = progressOf([component], options)(component);
    const single = component.folders.includes(name);
    await makeFolder(out, {
      signal,
      fill: (temporary) => component.write(single ? temporary : join(temporary, name), onTensor),
    });
    return { out: resolve(out), components: { [name]: componentFacts(component) }, left: [] };
  } finally {
    await component.close();
  }
}

async function convertCheckpoint(checkpoint: Checkpoint, options: ConvertOptions): Promise<ConvertResult> {
  const { model, out, dtype, variant, signal } = options;
  const folder = resolve(model);
  const names = Object.keys(checkpoint.index.components);
  const files = names.filter((name) => copied.test(name));
  const absent: string[] = [];
  for (const name of files) if (!(await isFolder(join(folder, name)))) absent.push(name);
  const needed = absent.find((name) => name !== 'feature_extractor' && name !== 'image_processor');
  if (needed !== undefined)
    throw new LascauxError({ operation: 'convert', rule: `part ${needed} is missing`, value: join(folder, needed) });
  const left = [...names.filter((name) => leftOut.test(name)), ...absent];
  const planned = await planAll(folder, checkpoint, { dtype, variant });
  const progress = progressOf(planned, options);
  try {
    const fill = async (temporary: string): Promise<void> => {
      for (const component of planned) await component.write(join(temporary, component.name), progress(component));
      for (const name of files) if (!absent.includes(name)) await copyFiles(join(folder, name), join(temporary, name));
      const index = `${JSON.stringify(newIndex(checkpoint.json, left), null, 2)}\n`;
      await writeFileAtomically(join(temporary, 'model_index.json'), index);
    };
    await makeFolder(out, { fill, signal });
  } finally {
    await Promise.all(planned.map((component) => component.close()));
  }
  const components = Object.fromEntries(planned.map((component) => [component.name, componentFacts(component)]));
  return { out: resolve(out), components, left };
}

/**
 * Turns a checkpoint of diffusers or in one file (safetensors or PyTorch state dicts) into a model folder that runs here and in Python: each component's
 * weights under the names of today, and beside them its graph, made by our own networks. The checkpoint is checked whole before anything is
 * written; weights are read tensor by tensor.
 * @throws {LascauxError} naming the part that is missing, damaged or not supported; then nothing is left behind
 */
export async function convertModel(options: ConvertOptions): Promise<ConvertResult> {
  const path = resolve(options.model);
  const facts = await stat(path).catch(() => undefined);
  check(facts !== undefined, {
    operation: 'convert',
    rule: 'the checkpoint must be a folder or a file',
    value: path,
    accepted: [
      'a folder with model_index.json',
      "a component's folder with config.json",
      'a model in one file (.safetensors, .ckpt)',
      'a file of a tiny autoencoder',
    ],
    kind: 'usage',
  });
  const single = facts.isFile() ? await convertSingleFile(options) : undefined;
  if (single !== undefined) return single;
  const checkpoint = facts.isDirectory() ? await readCheckpoint(path) : undefined;
  return checkpoint === undefined ? convertComponent(options) : convertCheckpoint(checkpoint, options);
}
