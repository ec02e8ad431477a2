import { access, constants, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LascauxError } from '@lascaux/nn';

/**
 * Checks, before anything slow runs, that a run can be recorded in a folder, which need not be there yet.
 * @throws {LascauxError} (usage) when it or the folder above it is a file or cannot be written to
 */
export async function checkRunFolder(out: string): Promise<void> {
  const refused = (rule: string, value: string): LascauxError =>
    new LascauxError({ option: 'out', rule, value, kind: 'usage' });
  if (out === '') throw refused('must name a folder', out);
  const existing = await nearest(resolve(out));
  const parts = existing === resolve(out) ? ['', 'checkpoints', 'samples', 'model'] : [''];
  for (const path of parts.map((part) => join(existing, part))) {
    const facts = await stat(path).catch(() => undefined);
    if (facts === undefined) continue;
    if (!facts.isDirectory()) throw refused('must be a folder, and this is a file', path);
    if (!(await isWritable(path))) throw refused('the folder must be writable', path);
  }
}

/** The path itself or the nearest folder above it that exists. */
async function nearest(path: string): Promise<string> {
  const isThere = (await stat(path).catch(ignoreMissing)) !== undefined;
  return isThere || dirname(path) === path ? path : nearest(dirname(path));
}

/** A file in the middle of a path (ENOTDIR) is found further up. */
const ignoreMissing = (): undefined => undefined;

const isWritable = (path: string): Promise<boolean> =>
  access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
