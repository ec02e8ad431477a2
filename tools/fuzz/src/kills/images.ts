import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writePng } from '@lascaux/data';
import { randomStream } from '@lascaux/nn';

/** A folder of noise. */
export async function noiseImages(
  folder: string,
  { count, seed, side = 32 }: { count: number; seed: number; side?: number },
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const random = randomStream(seed);
  for (let i = 0; i < count; i++) {
    const bytes = Uint8Array.from({ length: side * side * 3 }, () => random.integer(256));
    await writePng(join(folder, `${i}.png`), bytes, { width: side, height: side });
  }
  return folder;
}
