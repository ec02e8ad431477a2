import { LascauxError } from '@lascaux/nn';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isImageName, namesIn } from './folder-files.js';
import { METADATA_FILES } from './metadata.js';

const TRAIN_NAMES: readonly string[] = ['train', 'training'];

/** Folder names of each split, as Hugging Face datasets reads them. */
const SPLIT_NAMES: Readonly<Record<string, readonly string[]>> = {
  train: TRAIN_NAMES,
  validation: ['validation', 'valid', 'val', 'dev'],
  test: ['test', 'testing', 'eval', 'evaluation'],
};

/** The split folders of a folder: `{ train: 'train', validation: 'val' }`; empty when pictures lie in the folder itself. */
export async function splitFolders(folder: string): Promise<Record<string, string>> {
  const names = await namesIn(folder);
  const isFlat = names.some((name) => METADATA_FILES.includes(name) || isImageName(name));
  if (isFlat || !names.some((name) => TRAIN_NAMES.includes(name))) return {};
  const found: Record<string, string> = {};
  for (const [split, aliases] of Object.entries(SPLIT_NAMES)) {
    const name = aliases.find((alias) => names.includes(alias));
    if (name && (await stat(join(folder, name))).isDirectory()) found[split] = name;
  }
  return found;
}

/** The folder to read for a split; the folder itself when it has no splits and none is asked for. */
export async function splitFolder(folder: string, split: string | undefined): Promise<string> {
  const splits = await splitFolders(folder);
  const wanted = split ?? ('train' in splits ? 'train' : undefined);
  if (wanted === undefined) return folder;
  const name = Object.entries(splits).find(([key, value]) => key === wanted || value === wanted)?.[1];
  if (name === undefined) {
    const choices = Object.keys(splits).join(', ') || 'none';
    throw new LascauxError({
      operation: 'image folder',
      rule: `split must be one of those in "${folder}" (${choices})`,
      value: wanted,
    });
  }
  return join(folder, name);
}
