import { describeModel, type ServedModel } from '@lascaux/server';
import { modelOfFlag } from './model-of-flag.js';
import type { Terminal } from './terminal.js';

/** The models that `--model` names, or the bundled one; those of the hub are downloaded first. */
export async function servedModels(
  { model: names, offline }: { readonly model: readonly string[]; readonly offline?: true },
  terminal: Terminal,
): Promise<readonly ServedModel[]> {
  const folders: string[] = [];
  for (const name of names.length === 0 ? [undefined] : names)
    folders.push(await modelOfFlag(name, terminal, { offline }));
  return Promise.all(folders.map((folder) => describeModel(folder)));
}
