import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseSchedulerConfig } from '@lascaux/diffusion';
import { check, LascauxError, limits, readJson, readTextFile } from '@lascaux/nn';
import { readVaeConfig, type VaeConfig } from '@lascaux/vae';
import { modelName } from './model-name.js';
import { refuseUnfinishedRun } from './unfinished-run.js';
import { denoiserConfigSchema, type DenoiserConfig } from './component-config.js';
import { findParts, type ModelParts } from './model-parts.js';
import { denoiserFolderName, parseModelIndex, type ModelIndex } from './model-index.js';
import { refuseWeightsOnly } from './weights-only.js';

/** A model on disk in the Stable Diffusion layout: where its parts are and what their configurations say. */
export interface ModelFolder {
  readonly path: string;
  /** The folder's own name; of a model in the hub's cache `owner/name`. */
  readonly name: string;
  readonly index: ModelIndex;
  /** Folder of each part that was found. */
  readonly parts: ModelParts;
  readonly denoiserConfig: DenoiserConfig;
  readonly vaeConfig: VaeConfig;
  /** Name of the autoencoder that takes the place of the model's own, where one does. */
  readonly vaeName?: string;
  /** The parsed `scheduler_config.json`, as it lies there. */
  readonly schedulerConfig: Readonly<Record<string, unknown>>;
}

/**
 * Reads a model folder's configuration and checks that every part that painting needs is there; no weights are loaded.
 * @throws LascauxError naming the folder or file that is missing or malformed.
 */
export async function openModelFolder(folder: string): Promise<ModelFolder> {
  const path = resolve(folder);
  const index = await readIndex(path);
  const denoiser = denoiserFolderName(path, index);
  const config = await readJson(join(path, denoiser, 'config.json'), (json) => denoiserConfigSchema.parse(json));
  const denoiserConfig = config ?? denoiserConfigSchema.parse({});
  await refuseWeightsOnly('model', { component: join(path, denoiser), from: folder });
  const parts = await findParts(path, { index, denoiser });
  const [vaeConfig, schedulerConfig] = await Promise.all([
    readVaeConfig(parts.vaeDecoder),
    readSchedulerConfig(join(parts.scheduler, 'scheduler_config.json')),
  ]);
  return { path, name: modelName(path), index, parts, denoiserConfig, vaeConfig, schedulerConfig };
}

async function readIndex(path: string): Promise<ModelIndex> {
  const facts = await stat(path).catch(() => undefined);
  check(facts?.isDirectory() === true, {
    operation: 'model',
    rule: 'the folder must exist',
    value: path,
    accepted: 'a folder with model_index.json',
    kind: 'usage',
  });
  const index = await readJson(join(path, 'model_index.json'), parseModelIndex);
  if (index === undefined) await refuseUnfinishedRun('model', path);
  check(index !== undefined, {
    operation: 'model',
    rule: 'the folder must hold a model_index.json',
    value: path,
    kind: 'usage',
  });
  return index;
}

async function readSchedulerConfig(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const text = await readTextFile(path, limits.configBytes);
    check(text !== undefined, { operation: path, rule: 'is missing' });
    return parseSchedulerConfig(text, path);
  } catch (cause) {
    if (cause instanceof LascauxError) throw cause;
    throw new LascauxError({
      operation: path,
      rule: 'must be a readable scheduler configuration',
      value: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}
