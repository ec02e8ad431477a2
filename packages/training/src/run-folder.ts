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

/** Removes what interrupted writes left behind: files with a temporary name. */
export async function removeLeftovers(folder: RunFolder): Promise<void> {
  for (const directory of [folder.directory, folder.checkpoints, folder.samples]) {
    const stray = (await readdir(directory)).filter((name) => name.startsWith('.') && name.endsWith('.tmp'));
    await Promise.all(stray.map((name) => rm(join(directory, name), { force: true })));
  }
}
