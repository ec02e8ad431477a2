import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isComplete, showBlob, type RepositoryCache } from './cache-layout.js';
import { downloadAll, ENTRANCE, type FetchOptions } from './download-all.js';
import type { RepositoryFile } from './listing.js';
import { whileLocked } from './pull-lock.js';

/**
 * Downloads files into the cache's blobs and shows each in the commit's snapshot, once all are complete.
 * @returns bytes that came over the network
 */
export async function fetchIntoCache(
  files: readonly RepositoryFile[],
  cache: RepositoryCache,
  options: FetchOptions,
): Promise<number> {
  const { client, commit, onNote } = options;
  const { signal, cacheFolder } = client.settings;
  const lock = join(cacheFolder, '.locks', basename(cache.folder), 'lascaux.lock');
  const onWait = (): void => onNote?.(`${client.repository}: another process pulls it, waiting`);
  return whileLocked(lock, { signal, onWait }, async () => {
    const blobs = new Map(files.map((file) => [file.etag, file] as const)); // Equal files are one blob.
    const wanted: RepositoryFile[] = [];
    for (const file of blobs.values()) if (!(await isComplete(cache.blob(file.etag), file.size))) wanted.push(file);
    await mkdir(dirname(cache.blob('any')), { recursive: true });
    const received = await downloadAll(wanted, ({ etag }) => placeOf(cache.blob(etag)), options);
    const entranceLast = [...files].sort((a, b) => Number(a.path === ENTRANCE) - Number(b.path === ENTRANCE));
    for (const { etag, path } of entranceLast) await showBlob(cache.blob(etag), join(cache.snapshot(commit), path));
    return received;
  });
}

const placeOf = (blob: string) => ({ partial: `${blob}.incomplete`, destination: blob });
