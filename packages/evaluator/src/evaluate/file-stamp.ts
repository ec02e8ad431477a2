import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

/** Changes whenever a file is written. */
export async function fileStamp(file: string): Promise<string> {
  const { size, mtimeNs } = await stat(file, { bigint: true });
  return `${resolve(file)}|${size}|${mtimeNs}`;
}
