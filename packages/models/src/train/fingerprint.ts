import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageSet } from '@lascaux/data';

/** A hash of what latents are made of: the encoder's files, the pictures' names with the lengths of their files, and their size. */
export async function latentFingerprint(
  encoder: string,
  { set, size }: { set: ImageSet; size: number },
): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(encoder)).sort()) hash.update(name).update(await readFile(join(encoder, name)));
  for (let i = 0; i < set.length; i++) hash.update(`${set.fileName(i)} ${await set.byteLength(i)}\n`);
  return hash.update(String(size)).digest('hex');
}
