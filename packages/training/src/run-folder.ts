import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LascauxError } from '@lascaux/nn';

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
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({
      operation: directory,
      rule: `cannot be made a run folder: ${reason}`,
      kind: 'usage',
      cause,
    });
  }
  return folder;
}

/** The names that `writeFileAtomically` gives to files that are not whole yet. */
const TEMPORARY = /^\..+\.[0-9a-f]{8}\.tmp$/;

/** Removes what interrupted writes left behind, in the folder and below it: files with a temporary name. */
export async function removeLeftovers({ directory }: RunFolder): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const stray = entries.filter((entry) => entry.isFile() && TEMPORARY.test(entry.name));
  await Promise.all(stray.map(({ parentPath, name }) => rm(join(parentPath, name), { force: true })));
}
