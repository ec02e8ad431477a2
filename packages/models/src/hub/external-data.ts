import { join } from 'node:path';
import { externalFiles } from '../folder/external-data.js';
import type { RepositoryFile } from './listing.js';
import { isGraph } from './select-files.js';

/** The files in which graphs keep their weights. */
export interface ExternalData {
  readonly files: readonly RepositoryFile[];
  /** Paths that a graph names and the repository has not. */
  readonly absent: readonly string[];
}

/**
 * Reads from the graphs where they keep their weights: `model.onnx_data`, `weights.pb`, one file a tensor, or the
 * safetensors beside them.
 * @param selected the files among which the graphs are
 * @param listing all files of the repository
 * @param folder where the graphs lie on this machine, by their paths
 */
export async function externalData(
  selected: readonly RepositoryFile[],
  listing: readonly RepositoryFile[],
  folder: string,
): Promise<ExternalData> {
  const known = new Map(listing.map((file) => [file.path, file]));
  const named = new Set<string>();
  for (const { path } of selected.filter((file) => isGraph(file.path))) {
    const part = path.slice(0, path.lastIndexOf('/'));
    for (const location of (await externalFiles(join(folder, path))).keys()) named.add(`${part}/${location}`);
  }
  const files = [...named].flatMap((path) => known.get(path) ?? []);
  return { files, absent: [...named].filter((path) => !known.has(path)) };
}
