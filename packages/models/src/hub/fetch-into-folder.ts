import { renamePatiently } from '@lascaux/nn';
import { createReadStream } from 'node:fs';
import { constants, copyFile, mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isComplete } from './cache-layout.js';
import { contentHash } from './content-hash.js';
import { downloadAll, type FetchOptions } from './download-all.js';
import type { RepositoryFile } from './listing.js';
import { whileLocked } from './pull-lock.js';

/** A plain folder to fill. */
export interface FolderTarget {
  readonly out: string;
  /** The commit's folder in the cache: what is there is copied. */
  readonly snapshot: string;
}

/**
 * Fills a plain folder with files; what is in the cache, or in the folder already, is not downloaded.
 * @returns bytes that came over the network
 */
export async function fetchIntoFolder(
  files: readonly RepositoryFile[],
  { out, snapshot }: FolderTarget,
  options: FetchOptions,
): Promise<number> {
  const folder = resolve(out);
  const partials = join(folder, '.pull');
  const { client, onNote } = options;
  const onWait = (): void => onNote?.(`${client.repository}: another process fills ${out}, waiting`);
  return whileLocked(join(folder, '.pull.lock'), { signal: client.settings.signal, onWait }, async () => {
    await mkdir(partials, { recursive: true });
    const place = ({ path, etag }: RepositoryFile) => ({
      partial: join(partials, `${path.replaceAll('/', '--')}.${etag.slice(0, 8)}`),
      destination: join(folder, path),
    });
    const wanted: RepositoryFile[] = [];
    for (const file of files) {
      const { partial, destination } = place(file);
      await mkdir(dirname(destination), { recursive: true });
      if (await hasContent(destination, file)) continue;
      const cached = join(snapshot, file.path);
      if (!(await isComplete(cached, file.size))) wanted.push(file);
      else await copyWhole(cached, partial, destination);
    }
    const received = await downloadAll(wanted, place, options);
    await rm(partials, { recursive: true, force: true });
    return received;
  });
}

/** Whether a file is there with the right content; where the hash is not known, with the right length. */
async function hasContent(path: string, { size, etag }: RepositoryFile): Promise<boolean> {
  if (!(await isComplete(path, size))) return false;
  if (etag === '') return true;
  const hash = contentHash(etag, size);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex') === etag;
}

async function copyWhole(source: string, partial: string, destination: string): Promise<void> {
  await copyFile(source, partial, constants.COPYFILE_FICLONE);
  await renamePatiently(partial, destination);
}
