import { copyFile, mkdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join, relative } from 'node:path';
import { writeFileAtomically, renamePatiently } from '@lascaux/nn';
import { isCommit } from './repository-id.js';

/** Where the cache keeps one model repository, as Python's huggingface_hub lays it out. */
export interface RepositoryCache {
  /** `models--owner--name`. */
  readonly folder: string;
  /** The content of a file, named by its ETag. */
  readonly blob: (etag: string) => string;
  /** The folder that shows a commit's files under their own names. */
  readonly snapshot: (commit: string) => string;
  /** Our own notes and conversions of a commit, which other readers of the cache pass over. */
  readonly own: (commit: string) => string;
  /** The commit that a branch or tag was when it was last asked for. */
  readonly readRef: (revision: string) => Promise<string | undefined>;
  readonly writeRef: (revision: string, commit: string) => Promise<void>;
}

/** The cache of one repository; nothing is made yet. */
export function repositoryCache(cacheFolder: string, name: string): RepositoryCache {
  const folder = join(cacheFolder, `models--${name.replace('/', '--')}`);
  const ref = (revision: string): string => join(folder, 'refs', revision);
  return {
    folder,
    blob: (etag) => join(folder, 'blobs', etag),
    snapshot: (commit) => join(folder, 'snapshots', commit),
    own: (commit) => join(folder, 'lascaux', commit),
    async readRef(revision) {
      if (isCommit(revision)) return revision;
      const commit = (await readFile(ref(revision), 'utf8').catch(() => '')).trim();
      return isCommit(commit) ? commit : undefined;
    },
    async writeRef(revision, commit) {
      if (isCommit(revision) || (await readFile(ref(revision), 'utf8').catch(() => '')) === commit) return;
      await mkdir(dirname(ref(revision)), { recursive: true });
      await writeFileAtomically(ref(revision), commit);
    },
  };
}

/** Whether a file, or the blob that a link leads to, is there with its full size. */
export async function isComplete(path: string, size: number): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.isFile() === true && facts.size === size;
}

/** Shows a complete blob under a name, in one step: a relative link, or a copy where links are not allowed. */
export async function showBlob(blob: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await symlink(relative(dirname(path), blob), temporary).catch(() => copyFile(blob, temporary));
    await renamePatiently(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
