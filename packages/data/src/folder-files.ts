import { LascauxError } from '@lascaux/nn';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { IMAGE_EXTENSIONS } from './decode.js';

/** The ending of a path in lower case, without the dot. */
export const extension = (path: string): string => extname(path).slice(1).toLowerCase();

/** Whether the ending is that of a picture. */
export const isImageName = (path: string): boolean => IMAGE_EXTENSIONS.includes(extension(path));

/** Names in a folder; throws in one line when it is no readable folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new LascauxError({
      operation: 'image folder',
      rule: `must be a readable folder, got "${folder}" (${code})`,
      cause: error,
    });
  }
}

/** Every file below a folder, relative to it with forward slashes, sorted by code units; hidden ones are left out. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const isFile = entry.isFile() || (entry.isSymbolicLink() && (await stat(path).catch(() => null))?.isFile());
      return isFile ? path.slice(join(folder, '/').length).replaceAll('\\', '/') : null;
    }),
  );
  const visible = (path: string): boolean => !path.split('/').some((part) => part.startsWith('.'));
  return files.filter((path) => path !== null && visible(path)).sort(byCodeUnits) as string[];
}

/** An order that is the same in every locale. */
const byCodeUnits = (a: string | null, b: string | null): number => ((a ?? '') < (b ?? '') ? -1 : 1);

/** The text of a file without the space around it. */
export const readTrimmed = async (path: string): Promise<string> => (await readFile(path, 'utf8')).trim();
