import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { writeFileAtomically } from '@lascaux/nn';
import { z } from 'zod';
import type { RepositoryCache } from './cache-layout.js';
import type { RepositoryFile } from './listing.js';

/**
 * The form in which Python's huggingface_hub notes the files of a commit (`trees/COMMIT.json`). We write ours elsewhere,
 * since Python takes a snapshot for broken that lacks a file of its note, and we fetch only what is needed.
 */
const noteSchema = z.object({
  format_version: z.literal(1),
  files: z.record(
    z.string(),
    z.object({
      size: z.number(),
      blob_id: z.string(),
      lfs_sha256: z.string().nullish(),
      lfs_size: z.number().nullish(),
    }),
  ),
});

const notePath = (cache: RepositoryCache, commit: string): string => join(cache.own(commit), 'files.json');

/** Notes all files of a commit, so that the hub need not be asked again: a commit never changes. */
export async function noteFiles(
  cache: RepositoryCache,
  commit: string,
  files: readonly RepositoryFile[],
): Promise<void> {
  const entries = files.map(({ path, size, etag }) => {
    const large = etag.length === 64 ? { lfs_sha256: etag, lfs_size: size } : {};
    return [path, { size, blob_id: etag, ...large }] as const;
  });
  await mkdir(dirname(notePath(cache, commit)), { recursive: true });
  const note: z.infer<typeof noteSchema> = { format_version: 1, files: Object.fromEntries(entries) };
  await writeFileAtomically(notePath(cache, commit), `${JSON.stringify(note, undefined, 1)}\n`);
}

/** The files of a commit as we or Python noted them; undefined when neither did. */
export async function notedFiles(cache: RepositoryCache, commit: string): Promise<RepositoryFile[] | undefined> {
  for (const path of [notePath(cache, commit), join(cache.folder, 'trees', `${commit}.json`)]) {
    const text = await readFile(path, 'utf8').catch(() => 'null');
    const note = parseNote(text);
    if (note === undefined) continue;
    return Object.entries(note.files).map(([name, { size, blob_id, lfs_sha256, lfs_size }]) => ({
      path: name,
      size: lfs_size ?? size,
      etag: lfs_sha256 ?? blob_id,
    }));
  }
  return undefined;
}

function parseNote(text: string): z.infer<typeof noteSchema> | undefined {
  try {
    return noteSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The files that a snapshot shows, whoever fetched them; their hashes are unknown, and what is not shown is too. */
export async function shownFiles(cache: RepositoryCache, commit: string): Promise<RepositoryFile[]> {
  const folder = cache.snapshot(commit);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const facts = await stat(path).catch(() => undefined);
      if (facts?.isFile() !== true) return [];
      return [{ path: relative(folder, path).split(sep).join('/'), size: facts.size, etag: '' }];
    }),
  );
  return files.flat();
}
