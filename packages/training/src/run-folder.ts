import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LascauxError, check, lockFile } from '@lascaux/nn';
import type { FileLock } from '@lascaux/nn';

/** The record of a run. */
export interface RunFolder {
  readonly directory: string;
  /** The resolved options, written before step one. */
  readonly options: string;
  /** One JSON object a line. */
  readonly metrics: string;
  /** The loss over the images seen. */
  readonly curve: string;
  readonly checkpoints: string;
  readonly samples: string;
}

/**
 * Makes the folder of a run with its parts, or opens the one that is there.
 * @throws {LascauxError} naming the folder when it cannot be made
 */
export async function openRunFolder(directory: string): Promise<RunFolder> {
  const folder = {
    directory,
    options: join(directory, 'options.json'),
    metrics: join(directory, 'metrics.jsonl'),
    curve: join(directory, 'loss.svg'),
    checkpoints: join(directory, 'checkpoints'),
    samples: join(directory, 'samples'),
  };
  try {
    await mkdir(folder.checkpoints, { recursive: true });
    await mkdir(folder.samples, { recursive: true });
  } catch (cause) {
    throw notMade(directory, cause);
  }
  return folder;
}

function notMade(directory: string, cause: unknown): LascauxError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LascauxError({
    operation: directory,
    rule: `cannot be made a run folder: ${reason}`,
    kind: 'usage',
    cause,
  });
}

/**
 * Keeps other runs out of the folder: two would write over each other's record.
 * @throws {LascauxError} (usage) when a run is under way there
 */
export async function lockRunFolder({ directory }: RunFolder): Promise<FileLock> {
  const lock = await lockFile(join(directory, '.lock')).catch((cause: unknown) => {
    throw notMade(directory, cause);
  });
  check(lock !== undefined, {
    operation: 'train',
    rule: 'another run is under way in this folder: wait for it, or name another folder',
    value: directory,
    kind: 'usage',
  });
  return lock;
}

/** The names that `writeFileAtomically` gives to files that are not whole yet. */
const TEMPORARY = /^\..+\.[0-9a-f]{8}\.tmp$/;

/** Removes what interrupted writes left behind, in the folder and below it: files with a temporary name. */
export async function removeLeftovers({ directory }: RunFolder): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const stray = entries.filter((entry) => entry.isFile() && TEMPORARY.test(entry.name));
  await Promise.all(stray.map(({ parentPath, name }) => rm(join(parentPath, name), { force: true })));
}
