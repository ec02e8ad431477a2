import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LascauxError } from '@lascaux/nn';

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
 * @param option names the option in errors
 * @throws LascauxError (usage) when there is no such folder.
 */
export function findModel(model?: string, option = 'model'): string {
  if (model !== undefined && existsSync(model)) return finishedModel(model);
  const bundled = model === undefined || model === BUNDLED_MODEL ? bundledModelFolder() : undefined;
  if (bundled !== undefined) return bundled;
  throw new LascauxError({
    option,
    rule: model === undefined ? 'the bundled model is not here, so a folder must be named' : 'no such model folder',
    value: model,
    accepted: ['a folder with model_index.json', 'owner/name[@revision] on the hub', BUNDLED_MODEL],
    kind: 'usage',
  });
}
