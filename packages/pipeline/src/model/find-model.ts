import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LascauxError } from '@lascaux/nn';
import type { ConversionOptions } from '../hub/converted-folder.js';
import type { PullOptions } from '../hub/pull-model.js';
import { looksLikeRepositoryId } from '../hub/repository-id.js';
import { refuseUnfinishedRun } from '../train/unfinished-run.js';

/** The name of the model that comes with the project. */
export const BUNDLED_MODEL = 'lascaux-mini';

/** The bundled model's folder: the nearest `models/lascaux-mini` above this file; undefined when there is none. */
export function bundledModelFolder(start = dirname(fileURLToPath(import.meta.url))): string | undefined {
  const candidate = join(start, 'models', BUNDLED_MODEL);
  if (existsSync(join(candidate, 'model_index.json'))) return candidate;
  const parent = dirname(start);
  return parent === start ? undefined : bundledModelFolder(parent);
}

/** The model of a finished run, where the run's folder is named. */
function finishedModel(folder: string): string {
  const inside = join(folder, 'model');
  const isRun = !existsSync(join(folder, 'model_index.json')) && existsSync(join(inside, 'model_index.json'));
  return isRun ? inside : folder;
}

/**
 * The folder that a model's name stands for: the bundled model when no name or its own is given, else a folder on disk, or the model of a
 * finished run in it.
 * @param flag names the option in errors
 * @throws LascauxError (usage) when there is no such folder.
 */
export function findModel(model?: string, flag = 'model'): string {
  if (model !== undefined && existsSync(model)) return finishedModel(model);
  const bundled = model === undefined || model === BUNDLED_MODEL ? bundledModelFolder() : undefined;
  if (bundled !== undefined) return bundled;
  throw new LascauxError({
    operation: flag,
    rule: model === undefined ? 'the bundled model is not here, so a folder must be named' : 'no such model folder',
    value: model,
    accepted: ['a folder with model_index.json', 'owner/name[@revision] on the hub', BUNDLED_MODEL],
    kind: 'usage',
  });
}

/**
 * The folder that a model's name stands for, as {@link findModel}; a name that is no folder but has the form of a hub id,
 * `owner/name` or `owner/name@revision`, is pulled into the cache first, unless it is there; one that has weights only is
 * converted beside it.
 * @param flag names the option in errors
 * @throws LascauxError (usage) when it is none of them; any of {@link pullModel}'s; the signal's reason when it is aborted.
 */
export async function resolveModel(
  model?: string,
  { flag = 'model', ...options }: ResolveOptions = {},
): Promise<string> {
  if (model === undefined || existsSync(model)) return findModel(model, flag);
  await refuseUnfinishedRun(flag, model);
  if (!looksLikeRepositoryId(model)) return findModel(model, flag);
  const { pullModel } = await import('../hub/pull-model.js');
  const pulled = await pullModel(model, options).catch((error: unknown) => {
    throw error instanceof LascauxError ? noFolderNor(error, model, flag) : error;
  });
  if (pulled.format === 'onnx') return pulled.folder;
  const { convertedFolder } = await import('../hub/converted-folder.js');
  return convertedFolder(pulled, options);
}

/** How a model's name is resolved. */
export interface ResolveOptions extends Omit<PullOptions, 'out'>, Pick<ConversionOptions, 'onConvert'> {
  readonly flag?: string;
}

/** A mistyped path looks like an id, so an error of the hub's says that there is no such folder either. */
function noFolderNor(error: LascauxError, model: string, flag: string): LascauxError {
  const { rule, value, kind, operation } = error;
  return new LascauxError({
    operation: flag,
    rule: `there is no folder ${model}, and as a model of the hub: ${operation}: ${rule}`,
    value,
    kind,
    cause: error,
  });
}
