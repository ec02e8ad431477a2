import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LascauxError, readSafetensorsHeader } from '@lascaux/nn';

/**
 * Why a part could not be loaded, where its safetensors files say it better than the runtime does: the first that is
 * cut short or malformed, as an error that names the file; undefined when all are whole.
 */
export async function findDamagedWeights(folders: readonly string[]): Promise<LascauxError | undefined> {
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((name) => name.endsWith('.safetensors'))) {
      const problem = await readSafetensorsHeader(join(folder, name)).catch((error: unknown) => error);
      if (problem instanceof LascauxError) return problem;
    }
  }
  return undefined;
}
