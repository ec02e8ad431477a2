import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { check, formatBytes } from '@lascaux/nn';
import { downloadFile } from './download-file.js';
import type { HubClient } from './hub-fetch.js';
import type { RepositoryFile } from './listing.js';

/** What fetching files of one commit needs. */
export interface FetchOptions {
  readonly client: HubClient;
  /** `owner/name`. */
  readonly name: string;
  readonly commit: string;
  /** Told before the first byte comes. */
  readonly onStart?: (files: number, bytes: number) => void;
  /** Told how many bytes of all files are there. */
  readonly onProgress?: (bytes: number) => void;
  readonly onNote?: (line: string) => void;
}

/** Where a file grows, and where it then is; the folders exist. */
export interface Place {
  readonly partial: string;
  readonly destination: string;
}

/** Files that are downloaded at a time: small ones wait for the answer, not for the line. */
const AT_A_TIME = 4;

/** The file that tells a reader that there is a model; it comes last. */
export const ENTRANCE = 'model_index.json';

/**
 * Downloads files, each to its place, several at a time.
 * @returns bytes that came over the network
 * @throws LascauxError of the first that failed, once those under way have stopped.
 */
export async function downloadAll(
  files: readonly RepositoryFile[],
  place: (file: RepositoryFile) => Place,
  options: FetchOptions,
): Promise<number> {
  const { client, name, commit, onStart, onProgress } = options;
  if (files.length === 0) return 0;
  const total = sumOf(files.map(({ size }) => size));
  const lengths = new Map<string, number>();
  for (const file of files) lengths.set(file.path, Math.min(file.size, await lengthOf(place(file).partial)));
  let here = sumOf([...lengths.values()]);
  let received = 0;
  await checkSpace(dirname(place(files[0]!).partial), total - here, client.repository);
  onStart?.(files.length, total);

  async function download(file: RepositoryFile): Promise<void> {
    const path = file.path.split('/').map(encodeURIComponent).join('/');
    const url = `${client.settings.endpoint}/${name}/resolve/${commit}/${path}`;
    const onLength = (length: number): void => {
      const more = length - (lengths.get(file.path) ?? 0);
      lengths.set(file.path, length);
      received += Math.max(0, more);
      onProgress?.((here += more));
    };
    await downloadFile({ client, file, url, ...place(file), onLength });
  }

  await eachOf(
    files.filter(({ path }) => path !== ENTRANCE),
    download,
  );
  await eachOf(
    files.filter(({ path }) => path === ENTRANCE),
    download,
  );
  return received;
}

/** After a failure no file is begun, and those under way are waited for. */
async function eachOf(files: readonly RepositoryFile[], work: (file: RepositoryFile) => Promise<void>): Promise<void> {
  const queue = [...files];
  async function takeTurns(): Promise<void> {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      await work(file).catch((error: unknown) => {
        queue.length = 0;
        throw error;
      });
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: AT_A_TIME }, takeTurns));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

const lengthOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;

/** A model that cannot fit is refused before anything is downloaded; where the system does not tell, it is tried. */
async function checkSpace(folder: string, needed: number, repository: string): Promise<void> {
  const facts = await statfs(folder).catch(() => undefined);
  const free = facts === undefined ? Infinity : facts.bavail * facts.bsize;
  check(needed <= free, () => ({
    operation: repository,
    rule: `needs ${formatBytes(needed)}, and the disk of ${folder} has ${formatBytes(free)} left`,
  }));
}
