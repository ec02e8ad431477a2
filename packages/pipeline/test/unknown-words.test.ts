import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { knownWords, readKnownWords, writeKnownWords } from '../src/words/known-words.js';
import { editDistance, nearestText } from '../src/nearest-text.js';
import { unknownWords } from '../src/words/unknown-words.js';

const meanings = new Map([
  ['a', ''],
  ['of', ''],
  ['photo', ''],
  ['red', ''],
  ['の', ''],
  ['cat', 'cat'],
  ['猫', 'cat'],
  ['elephant', 'elephant'],
  ['hot dog', 'hot dog'],
  ['strawberry', 'strawberry'],
  ['star', 'star'],
  ['🐱', 'cat'],
]);
const words = knownWords(meanings);
const told = (prompt: string): readonly string[] => unknownWords(prompt, words).map(({ word }) => word);

describe('unknownWords', () => {
  it.each([
    ['a photo of a red cat', []],
    ['A Photo of 3 CATS, strawberries!', []],
    ['a hot dog', []],
    ['a dog', ['dog']],
    ['a quasar and a cat', ['quasar', 'and']],
    ['猫の犬', ['犬']],
    ['🐱 🐶 7 ✨', []],
    ["a cat's star", []],
    ['cat'.repeat(3), ['catcatcat']],
    ['', []],
  ])('%s: %j', (prompt, expected) => {
    expect(told(prompt)).toEqual(expected);
  });

  it('tells each word once and never more than eight', () => {
    expect(told('zq zq zq')).toEqual(['zq']);
    expect(told('za zb zc zd ze zf zg zh zi zj')).toHaveLength(8);
  });

  it('takes time in proportion to the prompt', () => {
    const long = 'q'.repeat(100_000);
    const start = performance.now();
    expect(told(`${long} ${'cat '.repeat(20_000)}`)).toEqual([long]);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe('nearestText', () => {
  it('is the first of those that take the fewest changes', () => {
    expect(nearestText('cot', ['dog', 'cut', 'cat', 'coat'], 2)).toBe('cut');
    expect(nearestText('cot', ['dogs', 'coat', 'cot'], 2)).toBe('cot');
    expect(nearestText('cot', ['dragon'], 2)).toBeUndefined();
  });

  it('of a word is a slip of the keys away, or none', () => {
    const nearest = (word: string) => unknownWords(word, words)[0]?.nearest;
    expect(nearest('elefant')).toBe('elephant');
    expect(nearest('strawbery')).toBe('strawberry');
    expect(nearest('satr')).toBe('star');
    expect(nearest('quasar')).toBeUndefined();
    expect(nearest('bat')).toBeUndefined();
  });

  it('counts insertions, deletions, replacements and swaps', () => {
    expect(editDistance('abc', 'abc', 3)).toBe(0);
    expect(editDistance('abc', 'acb', 3)).toBe(1);
    expect(editDistance('abc', 'ab', 3)).toBe(1);
    expect(editDistance('kitten', 'sitting', 5)).toBe(3);
    expect(editDistance('aaaa', 'bbbb', 1)).toBeGreaterThan(1);
  });
});

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
