import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePng } from '@lascaux/data';
import { onTestFinished } from 'vitest';

export const SIZE = 16;

/** A folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'classifier-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A striped picture: lying or standing stripes of a colour. */
export function stripes(noun: string, shade: number): Uint8Array {
  return Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % SIZE, Math.floor(i / 3 / SIZE)];
    return (noun === 'ladder' ? y : x) % 4 < 2 ? shade : 20;
  });
}

/** Writes an imagefolder of striped pictures: "ladder" lies, "fence" stands; a line of metadata each. */
export async function writeStripes(folder: string, rows: readonly Record<string, unknown>[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  const lines = rows.map((row, i) => JSON.stringify({ file_name: `${i}.png`, ...row }));
  for (const [i, { noun }] of rows.entries()) {
    await writePng(join(folder, `${i}.png`), stripes(String(noun), 120 + 10 * (i % 12)), { height: SIZE, width: SIZE });
  }
  await writeFile(join(folder, 'metadata.jsonl'), `${lines.join('\n')}\n`);
  return folder;
}

/** `count` rows, nouns in turn. */
export const alternating = (count: number): { noun: string; style: string; ground: string; text: string }[] =>
  Array.from({ length: count }, (_, i) => {
    const noun = i % 2 === 0 ? 'fence' : 'ladder';
    const style = i % 4 < 2 ? 'noto' : 'fluent';
    return { noun, style, ground: 'black', text: `a ${noun}, in the style of ${style}` };
  });
