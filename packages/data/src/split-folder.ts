import { LascauxError } from '@lascaux/nn';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn } from './folder-files.js';
import { isImageName } from './image-endings.js';
import { METADATA_FILES } from './metadata.js';

const TRAIN_NAMES: readonly string[] = ['train', 'training'];

/** Folder names of each split, as Hugging Face datasets reads them. */
const SPLIT_NAMES: Readonly<Record<string, readonly string[]>> = {
  train: TRAIN_NAMES,
  validation: ['validation', 'valid', 'val', 'dev'],
  test: ['test', 'testing', 'eval', 'evaluation'],
};
const ALL_NAMES: readonly string[] = Object.values(SPLIT_NAMES).flat();

/**
 * The split folders of a folder: `{ train: 'train', validation: 'val' }`; empty when pictures lie in the folder itself. Without
 * a training split, folders are splits only when there are no others: classes may be called `test` too.
 */
export async function splitFolders(folder: string): Promise<Record<string, string>> {
  const names = await namesIn(folder);
  if (names.some((name) => METADATA_FILES.includes(name) || isImageName(name))) return {};
  const folders = await foldersOf(folder);
  const areSplits =
    folders.some((name) => TRAIN_NAMES.includes(name)) || folders.every((name) => ALL_NAMES.includes(name));
  if (!areSplits) return {};
  const found: Record<string, string> = {};
  for (const [split, aliases] of Object.entries(SPLIT_NAMES)) {
    const name = aliases.find((alias) => folders.includes(alias));
    if (name !== undefined) found[split] = name;
  }
  return found;
}

/** Names of the visible folders in a folder, links to folders included. */
async function foldersOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const visible = entries.filter(({ name }) => !name.startsWith('.'));
  const are = await Promise.all(
    visible.map(async (entry) => {
      if (!entry.isSymbolicLink()) return entry.isDirectory();
      return (await stat(join(folder, entry.name)).catch(() => null))?.isDirectory() === true;
    }),
  );
  return visible.filter((_, i) => are[i]).map(({ name }) => name);
}

/** A folder to read, and what is to be said about the others beside it. */
export interface ChosenSplit {
  readonly root: string;
  readonly notes: readonly string[];
}

/**
 * The folder to read for a split: the one asked for, else `train`, else the only one there is; the folder itself when it has no splits.
 * Throws when there is no such split, or several and none is asked for.
 */
export async function splitFolder(folder: string, split: string | undefined): Promise<ChosenSplit> {
  const splits = await splitFolders(folder);
  const names = Object.keys(splits);
  const wanted = split ?? ('train' in splits || names.length === 0 ? undefined : names.length === 1 ? names[0] : '');
  if (wanted === undefined && !('train' in splits)) return { root: folder, notes: [] };
  const name = Object.entries(splits).find(([key, value]) => [key, value].includes(wanted ?? 'train'))?.[1];
  if (name === undefined) {
    const got = wanted === '' ? 'none' : `"${wanted}"`;
    throw new LascauxError({
      operation: 'image folder',
      rule: `split must be one of those in "${folder}" (${names.join(', ') || 'none'}), got ${got}`,
      kind: 'usage',
    });
  }
  const others = (await foldersOf(folder)).filter((other) => other !== name);
  const note = `only ${name}/ is read, not ${others.map((other) => `${other}/`).join(', ')}`;
  return { root: join(folder, name), notes: others.length > 0 ? [note] : [] };
}
