import { stat } from 'node:fs/promises';

/** Whether a path, or a pattern such as `a-{000..012}.tar`, means WebDataset archives: by its ending, or because it is a file. */
export async function isArchivePath(path: string): Promise<boolean> {
  if (/\.(tar|tgz|tar\.\w+)$/i.test(path)) return true;
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
