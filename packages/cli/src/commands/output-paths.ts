import { access, constants, stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { LascauxError } from '@lascaux/nn';

/**
 * The files that `--count` pictures go to: `cat.png` alone for one, `cat-1.png`, `cat-2.png` … for several.
 */
export function outputPaths(out: string, count: number): string[] {
  if (count === 1) return [out];
  const extension = extname(out);
  const stem = out.slice(0, out.length - extension.length);
  return Array.from({ length: count }, (_, index) => `${stem}-${index + 1}${extension}`);
}

/** A file name made of the prompt's words and the seed, for a run without `--out`. */
export function defaultOutput(prompt: string, seed: number): string {
  const words = prompt.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const stem = words.slice(0, 8).join('-').slice(0, 60);
  return `${stem === '' ? 'image' : stem}-${seed}.png`;
}

/**
 * Checks, before anything slow runs, that the files can be written.
 * @throws LascauxError (usage) when the folder is missing or read-only, or a path is a folder or a read-only file.
 */
export async function checkWritable(paths: readonly string[], flag = '--out'): Promise<void> {
  const folder = dirname(resolve(paths[0] ?? '.'));
  const folderFacts = await stat(folder).catch(() => undefined);
  if (folderFacts === undefined) throw refused(flag, 'the folder must exist', folder);
  if (!folderFacts.isDirectory()) throw refused(flag, 'must lie in a folder', folder);
  if (!(await isWritable(folder))) throw refused(flag, 'the folder must be writable', folder);
  for (const path of paths) {
    const facts = await stat(path).catch(() => undefined);
    if (facts?.isDirectory() === true) throw refused(flag, 'must be a file, not a folder', path);
    if (facts !== undefined && !(await isWritable(path))) throw refused(flag, 'the file must be writable', path);
  }
}

const isWritable = (path: string): Promise<boolean> =>
  access(path, constants.W_OK).then(
    () => true,
    () => false,
  );

const refused = (operation: string, rule: string, value: string): LascauxError =>
  new LascauxError({ operation, rule, value, kind: 'usage' });
