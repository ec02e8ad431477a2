import { rm, stat } from 'node:fs/promises';
import { LascauxError, renamePatiently } from '@lascaux/nn';
import { isFileSystemError } from './file-error.js';
import { HubUnavailable, causeOf } from './hub-error.js';
import type { HubClient } from './hub-fetch.js';
import type { RepositoryFile } from './listing.js';
import { openPartialFile, type PartialFile } from './partial-file.js';
import { backOff, pause } from './retry.js';

/** One file to download. */
export interface Download {
  readonly client: HubClient;
  readonly url: string;
  readonly file: RepositoryFile;
  /** Where it grows; what is there already is continued. In the destination's file system. */
  readonly partial: string;
  /** Where it appears once it is complete and right. */
  readonly destination: string;
  /** Told how many bytes are there, again and again; the number falls when it has to start over. */
  readonly onLength?: (length: number) => void;
}

/**
 * Downloads a file so that it appears whole and with the right content or not at all. A connection that is cut is taken up
 * where it stopped, in this call or in a later one; content that has not the hash that the hub's list names is deleted.
 * @throws LascauxError in one line; the signal's reason when it is aborted, what is there stays for the next time.
 */
export async function downloadFile(download: Download): Promise<void> {
  const { file, partial, destination } = download;
  let found = await fill(download);
  // Old bytes may be at fault; only a download from the start says that the hub's are.
  if (!found.right && found.resumed) found = await fill(download);
  if (!found.right) throw wrongContent(download);
  await moveIntoPlace(partial, destination, file.size);
}

/** Brings the partial file to its full length; one with a wrong hash is deleted. */
async function fill(download: Download): Promise<{ right: boolean; resumed: boolean }> {
  const { file, partial, onLength } = download;
  const target = await openPartialFile(partial, file);
  const resumed = target.length > 0;
  try {
    onLength?.(target.length);
    await complete(download, target);
  } catch (error) {
    await target.close();
    if (error instanceof WrongLength) await rm(partial, { force: true });
    throw error;
  }
  const right = await target.finish();
  if (!right) await rm(partial, { force: true });
  return { right, resumed };
}

/** Asks for what is missing until nothing is; failures count only while no byte comes. */
async function complete(download: Download, target: PartialFile): Promise<void> {
  const { client, file } = download;
  const { retry, signal } = client.settings;
  for (let failures = 0; target.length < file.size;) {
    const before = target.length;
    const problem = await receive(download, target).catch((error: unknown) => error);
    signal?.throwIfAborted();
    if (target.length === file.size) return;
    if (problem instanceof LascauxError || isFileSystemError(problem)) throw problem;
    failures = target.length > before ? 1 : failures + 1;
    if (failures >= retry.attempts) throw cutShort(download, target.length, problem);
    await pause(backOff(failures, retry), signal);
  }
}

/** One request for the rest of the file. */
async function receive({ client, url, file, onLength }: Download, target: PartialFile): Promise<void> {
  const { silence } = client.settings.retry;
  const stalled = new AbortController();
  const range = target.length > 0 ? { range: `bytes=${target.length}-` } : undefined;
  const response = await client
    .fetch(url, {
      // Compressed bytes could not be continued, and their number says nothing.
      headers: { 'accept-encoding': 'identity', ...range },
      signal: stalled.signal,
    })
    .catch((error: unknown) => {
      const nothingLeft = error instanceof LascauxError && error.value === 416;
      throw nothingLeft ? new WrongLength(file, `only ${target.length}`, client.repository) : error;
    });
  if (range !== undefined && !continuesAt(response, target.length)) await target.restart();
  const stop = (): void => stalled.abort(new Error(`nothing came for ${Math.round(silence / 1000)} s`));
  let timer = setTimeout(stop, silence);
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      if (target.length + chunk.length > file.size) throw new WrongLength(file, 'more', client.repository);
      await target.append(chunk);
      onLength?.(target.length);
      clearTimeout(timer);
      timer = setTimeout(stop, silence);
    }
  } finally {
    clearTimeout(timer);
    stalled.abort(); // Ends the connection where the body was not read to its end; harmless where it was.
  }
}

/** A server may send the whole file (200) although only its rest was asked for. */
function continuesAt(response: Response, start: number): boolean {
  const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  return response.status === 206 && Number(range?.[1]) === start;
}

/** Two processes may have downloaded the same file; it is complete once either has moved it. */
async function moveIntoPlace(partial: string, destination: string, size: number): Promise<void> {
  await renamePatiently(partial, destination).catch(async (error: unknown) => {
    const facts = await stat(destination).catch(() => undefined);
    if (facts?.size !== size) throw error;
  });
}

class WrongLength extends LascauxError {
  constructor({ path, size }: RepositoryFile, came: string, repository: string) {
    super({
      operation: repository,
      rule: `${path}: the hub's list says ${size} bytes, but ${came} came; it was deleted`,
    });
  }
}

function wrongContent({ client, file }: Download): LascauxError {
  const kind = file.etag.length === 64 ? 'SHA-256' : 'git hash';
  return new LascauxError({
    operation: client.repository,
    rule: `${file.path}: what came has not the ${kind} that the hub's list says (${file.etag.slice(0, 12)}…); it was deleted`,
  });
}

function cutShort({ client, file }: Download, length: number, cause: unknown): HubUnavailable {
  const why = cause === undefined ? '' : `: ${causeOf(cause)}`;
  return new HubUnavailable({
    operation: client.repository,
    rule: `${file.path}: the connection ends again and again after ${length} of ${file.size} bytes${why}; the same command goes on from there`,
    cause,
  });
}
