import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { knownWords, readKnownWords, writeKnownWords } from '@lascaux/models';
import { describe, expect, it } from 'vitest';

const meanings = new Map([
  ['a', ''],
  ['の', ''],
  ['cat', 'cat'],
  ['猫', 'cat'],
  ['hot dog', 'hot dog'],
  ['🐱', 'cat'],
]);
const words = knownWords(meanings);

describe('the list in a model folder', () => {
  it('is read as it was written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lascaux-words-'));
    expect(await readKnownWords(folder)).toBeUndefined();
    await writeKnownWords(folder, meanings);
    expect(await readKnownWords(folder)).toEqual(words);
  });

  it.each([
    ['no gzip', Buffer.from('cat\tcat\n')],
    ['cut off', gzipSync('cat\tcat\n'.repeat(1000)).subarray(0, 20)],
    ['a bomb', gzipSync(Buffer.alloc(80 * 2 ** 20))],
    ['not UTF-8', gzipSync(Buffer.from([0xff, 0xfe, 0xfd]))],
  ])('is refused by name: %s', async (_, bytes) => {
    const folder = await mkdtemp(join(tmpdir(), 'lascaux-words-'));
    await writeFile(join(folder, 'words.tsv.gz'), bytes);
    await expect(readKnownWords(folder)).rejects.toThrow('words.tsv.gz: must be a gzip of UTF-8 text');
  });
});
