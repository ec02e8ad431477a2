import { existsSync, statSync } from 'node:fs';
import { LascauxError } from '@lascaux/nn';
import { findModel } from '../folder/find-model.js';
import { refuseUnfinishedRun } from '../folder/unfinished-run.js';
import type { ConversionOptions } from './converted-folder.js';
import type { PullOptions } from './pull-model.js';
import { looksLikeRepositoryId } from './repository-id.js';

/**
 * The folder that a model's name stands for, as {@link findModel}; a whole model in one file is converted once; a name that is no folder but has the form of a hub id,
 * `owner/name` or `owner/name@revision`, is pulled into the cache first, unless it is there; one that has weights only is
 * converted beside it.
 * @param option names the option in errors
 * @throws LascauxError (usage) when it is none of them; any of {@link pullModel}'s; the signal's reason when it is aborted.
 */
export async function resolveModel(
  model?: string,
  { option = 'model', ...options }: ResolveOptions = {},
): Promise<string> {
  if (model !== undefined && isWeightsFile(model)) {
    const { convertedFile } = await import('../single-file/converted-file.js');
    const folder = await convertedFile(model, options);
    if (folder !== undefined) return folder;
  }
  if (model === undefined || existsSync(model)) return findModel(model, option);
  await refuseUnfinishedRun(option, model);
  if (!looksLikeRepositoryId(model)) return findModel(model, option);
  const { pullModel } = await import('./pull-model.js');
  const pulled = await pullModel(model, options).catch((error: unknown) => {
    throw error instanceof LascauxError ? noFolderNor(error, model, option) : error;
  });
  if (pulled.format === 'onnx') return pulled.folder;
  const { convertedFolder } = await import('./converted-folder.js');
  return convertedFolder(pulled, options);
}

const isWeightsFile = (path: string): boolean =>
  /\.(safetensors|ckpt)$/.test(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** How a model's name is resolved. */
export interface ResolveOptions extends Omit<PullOptions, 'out'>, Pick<ConversionOptions, 'onConvert'> {
  /** Names the option in errors; default `model`. */
  readonly option?: string;
}

/** A mistyped path looks like an id, so an error of the hub's says that there is no such folder either. */
function noFolderNor(error: LascauxError, model: string, option: string): LascauxError {
  const { rule, value, kind, operation } = error;
  return new LascauxError({
    option,
    rule: `there is no folder ${model}, and as a model of the hub: ${operation}: ${rule}`,
    value,
    kind,
    cause: error,
  });
}
