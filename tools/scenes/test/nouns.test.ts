import { readFileSync } from 'node:fs';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attribution, loadNouns } from '@lascaux/scenes';

describe('loadNouns', () => {
  it('has 120 everyday nouns, each with its own drawing in the three sets', () => {
    const nouns = loadNouns('everyday');
    expect(nouns.length).toBe(120);
    expect(new Set(nouns.map((noun) => noun.emoji.hexcode)).size).toBe(120);
    expect(nouns.find((noun) => noun.word === 'cat')).toMatchObject({
      one: 'a cat',
      many: 'cats',
      emoji: { hexcode: '1f431' },
    });
    for (const { emoji } of nouns) {
      for (const svg of Object.values(emoji.svg)) expect(svg).toMatch(/^<svg .*viewBox="0 0 [\d.]+ [\d.]+".+<\/svg>$/s);
    }
  });

  it('has about a thousand nouns in all, the everyday ones first', () => {
    const nouns = loadNouns('all');
    expect(nouns.length).toBeGreaterThan(980);
    expect(nouns.slice(0, 120).map((noun) => noun.word)).toEqual(loadNouns('everyday').map((noun) => noun.word));
  });

  it('reads a file and says what is wrong with it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lascaux-scenes-'));
    const file = join(folder, 'nouns.json');
    const rows = async (value: unknown) => {
      await writeFile(file, JSON.stringify(value));
      return loadNouns(file).map((noun) => noun.one);
    };
    expect(await rows([{ word: 'kitty', emoji: 'cat face' }, { word: 'ox' }])).toEqual(['a kitty', 'an ox']);
    await expect(rows([{ word: 'gryphon' }])).rejects.toThrow('all three art sets draw, got "gryphon"');
    await expect(rows([{ word: 'fox' }, { word: 'fox' }])).rejects.toThrow('got "fox" twice');
    await expect(rows([{ wort: 'fox' }])).rejects.toThrow();
    await rm(folder, { recursive: true });
    expect(() => loadNouns('everyda')).toThrow('must be everyday, all or a readable JSON file, got "everyda"');
  });
});

describe('attribution', () => {
  it('names every art set with its licence, and is the text that is checked in', () => {
    const text = attribution();
    for (const part of ['Microsoft', 'MIT', 'Google', 'Apache-2.0', 'Twitter', 'CC-BY-4.0', 'emojibase'])
      expect(text).toContain(part);
    expect(readFileSync(new URL('../ATTRIBUTION.md', import.meta.url), 'utf8')).toBe(text);
  });
});
