import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from '@lascaux/nn';

/** Configuration files are small, a vocabulary has a few megabytes. */
const LARGEST_COPY = 64 * 1024 * 1024;

/** Copies the files of a tokenizer or scheduler into a new folder. @throws {LascauxError} naming one that is too large to be of these */
export async function copyFiles(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const name of await readdir(from)) {
    const facts = await stat(join(from, name)).catch(() => undefined);
    if (facts?.isFile() !== true) continue;
    check(facts.size <= LARGEST_COPY, {
      operation: join(from, name),
      rule: 'is too large for a file of a tokenizer or scheduler',
      value: `${facts.size} bytes`,
    });
    await copyFile(join(from, name), join(to, name));
  }
}
