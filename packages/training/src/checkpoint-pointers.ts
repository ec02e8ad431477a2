import { access, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@lascaux/nn';
import type { Position } from './batches.js';
import type { RunFolder } from './run-folder.js';

const PATTERN = /^images-(\d{12})\.safetensors$/;

/** The file of the checkpoint at `imagesSeen`. */
export const checkpointName = (imagesSeen: number): string =>
  `images-${String(imagesSeen).padStart(12, '0')}.safetensors`;

/** Writes `latest.json` or `best.json`: the file's name and what it stands for. */
export async function point(
  folder: RunFolder,
  name: 'latest' | 'best',
  { imagesSeen, step, ...rest }: Position & { readonly score?: number },
): Promise<void> {
  const score = rest.score === undefined ? {} : { score: rest.score };
  await writeFileAtomically(
    join(folder.checkpoints, `${name}.json`),
    `${JSON.stringify({ file: checkpointName(imagesSeen), imagesSeen, step, ...score })}\n`,
  );
}

/** What `latest.json` or `best.json` points at; undefined when there is none. */
export async function pointed(
  folder: RunFolder,
  name: 'latest' | 'best',
): Promise<{ path: string; imagesSeen: number; score: number | undefined } | undefined> {
  const text = await readFile(join(folder.checkpoints, `${name}.json`), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { file, imagesSeen, score } = JSON.parse(text) as { file: string; imagesSeen: number; score?: number };
    const path = join(folder.checkpoints, file);
    await access(path);
    return { path, imagesSeen, score };
  } catch {
    return undefined;
  }
}

/** Names of the checkpoint files, oldest first. */
export async function checkpointFiles(folder: RunFolder): Promise<readonly string[]> {
  const names = await readdir(folder.checkpoints).catch(() => []);
  return names.filter((name) => PATTERN.test(name)).sort();
}

/** Removes all but the last `keep` checkpoints and the best one. */
export async function pruneCheckpoints(folder: RunFolder, keep: number): Promise<void> {
  const best = await pointed(folder, 'best');
  const files = await checkpointFiles(folder);
  const old = files.slice(0, Math.max(0, files.length - keep)).map((name) => join(folder.checkpoints, name));
  await Promise.all(old.filter((path) => path !== best?.path).map((path) => rm(path)));
}

/** The checkpoint to go on from: the one `latest.json` names, else the newest file; undefined when there is none. */
export async function latestCheckpoint(folder: RunFolder): Promise<string | undefined> {
  const latest = await pointed(folder, 'latest');
  if (latest !== undefined) return latest.path;
  const newest = (await checkpointFiles(folder)).at(-1);
  return newest === undefined ? undefined : join(folder.checkpoints, newest);
}
