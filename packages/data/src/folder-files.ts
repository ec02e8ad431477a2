import { LascauxError } from '@lascaux/nn';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

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

/** What lies below a folder. */
export interface FolderFiles {
  /** Paths relative to the folder with forward slashes, sorted by code units. */
  readonly files: readonly string[];
  /** Links to folders, which are not followed. */
  readonly linkedFolders: readonly string[];
}

/** Every file below a folder, links to files included; hidden ones and those in hidden folders are left out. */
export async function filesBelow(folder: string): Promise<FolderFiles> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const stats = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry;
      const name = path.slice(join(folder, '/').length).replaceAll('\\', '/');
      return {
        name,
        isFile: stats?.isFile() === true,
        isLink: entry.isSymbolicLink() && stats?.isDirectory() === true,
      };
    }),
  );
  const visible = found.filter(({ name }) => !name.split('/').some((part) => part.startsWith('.')));
  const named = (wanted: typeof found): string[] => wanted.map(({ name }) => name).sort(byCodeUnits);
  return {
    files: named(visible.filter(({ isFile }) => isFile)),
    linkedFolders: named(visible.filter(({ isLink }) => isLink)),
  };
}

/** An order that is the same in every locale. */
const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : 1);
