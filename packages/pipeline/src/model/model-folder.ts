import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseSchedulerConfig } from '@lascaux/diffusion';
import { LascauxError, check, limits, readTextFile } from '@lascaux/nn';
import { readVaeConfig, type VaeConfig } from '@lascaux/vae';
import { familyOf } from '../family/family-of.js';
import type { Family } from '../family/family.js';
import { stableDiffusion } from '../family/stable-diffusion.js';
import { modelName } from '../hub/cache-layout.js';
import { refuseUnfinishedRun } from '../train/unfinished-run.js';
import { denoiserConfigSchema, type DenoiserConfig } from './component-config.js';
import { latentSchedulerConfig } from './latent-scheduler.js';
import { findParts, type ModelParts } from './model-parts.js';
import { parseModelIndex, type ModelIndex } from './model-index.js';
import { readJson } from './read-json.js';
import { refuseWeightsOnly } from './weights-only.js';

/** A model on disk in the Stable Diffusion layout: where its parts are and what their configurations say. */
export interface ModelFolder {
  readonly path: string;
  /** The folder's own name; of a model in the hub's cache `owner/name`. */
  readonly name: string;
  readonly index: ModelIndex;
  readonly family: Family;
  /** Folder of each part that was found. */
  readonly parts: ModelParts;
  readonly denoiserConfig: DenoiserConfig;
  readonly vaeConfig: VaeConfig;
  /** Name of the autoencoder that takes the place of the model's own, where one does. */
  readonly vaeName?: string;
  /** The parsed `scheduler_config.json`, as the family's pipeline in diffusers corrects it. */
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
  const family = familyOf(index, denoiserConfig, path);
  await refuseWeightsOnly('model', { component: join(path, denoiser), from: folder });
  const parts = await findParts(path, { index, family, denoiser });
  const [vaeConfig, scheduler] = await Promise.all([
    readVaeConfig(parts.vaeDecoder),
    readSchedulerConfig(join(parts.scheduler, 'scheduler_config.json')),
  ]);
  const schedulerConfig = family === stableDiffusion ? latentSchedulerConfig(scheduler) : scheduler;
  return { path, name: modelName(path), index, family, parts, denoiserConfig, vaeConfig, schedulerConfig };
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

/** A UNet wins over a transformer, as in the reference reader; both are `[library, class]` entries of the index. */
function denoiserFolderName(path: string, { components }: ModelIndex): 'unet' | 'transformer' {
  if (components.unet !== undefined) return 'unet';
  if (components.transformer !== undefined) return 'transformer';
  throw new LascauxError({
    operation: join(path, 'model_index.json'),
    rule: 'must name a denoiser',
    value: Object.keys(components).join(', ') || 'no component',
    accepted: ['unet', 'transformer'],
  });
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
