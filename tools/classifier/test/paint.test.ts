import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openImageFolder } from '@lascaux/data';
import { chooseLooks, paintLooks, readLooks, type Look } from '@lascaux/classifier';
import { describe, expect, it } from 'vitest';
import { alternating, SIZE, temporaryFolder, writeStripes } from './pictures.js';

const look = (noun: string, style: string, ground: string): Look => ({ noun, style, ground, text: `a ${noun}` });
const both = (noun: string): Look[] =>
  ['noto', 'fluent'].flatMap((style) => ['red', 'blue'].map((ground) => look(noun, style, ground)));

describe('looks', () => {
  it('take turns from noun to noun, styles first', () => {
    const chosen = chooseLooks([...both('cat'), ...both('ant')], {
      ...{ perNoun: 2, styles: ['fluent', 'noto'], grounds: ['red', 'blue'] },
    });
    expect(chosen.map(({ noun, style, ground }) => `${noun} ${style} ${ground}`)).toEqual([
      ...['ant fluent red', 'ant noto red', 'cat fluent blue', 'cat noto blue'],
    ]);
  });

  it('repeat where a noun has too few, and are refused where it has none', () => {
    const options = { perNoun: 3, styles: ['noto'], grounds: ['red'] };
    expect(chooseLooks(both('cat'), options)).toEqual([0, 1, 2].map(() => look('cat', 'noto', 'red')));
    expect(() => chooseLooks([...both('cat'), look('ant', 'noto', 'blue')], options)).toThrow(
      'paint: no picture of the data has these styles and grounds, got "ant"',
    );
  });

  it('are read from every split, each once, singles only', async () => {
    const folder = await temporaryFolder();
    await writeStripes(join(folder, 'train'), [
      ...alternating(8),
      { ...alternating(1)[0], scene: { kind: 'several' } },
    ]);
    await writeStripes(join(folder, 'test'), [{ ...alternating(1)[0], style: 'twemoji', text: 'a fence' }]);
    const looks = await readLooks(folder);
    expect(looks).toHaveLength(5);
    expect(looks.at(-1)).toEqual({
      ...{ noun: 'fence', style: 'twemoji', ground: 'black', text: 'a fence', split: 'test' },
    });
  });
});

describe('painting', () => {
  it('makes an imagefolder with captions, seeds and a contact sheet', async () => {
    const out = join(await temporaryFolder(), 'painted');
    const asked: unknown[] = [];
    const generate = (options: { prompt: string; seed?: number }) => {
      asked.push([options.prompt, options.seed]);
      const pixels = new Uint8Array(SIZE * SIZE * 3).fill(options.seed ?? 0);
      return Promise.resolve({ images: [{ pixels, width: SIZE, height: SIZE, seed: options.seed ?? 0 }] });
    };
    const looks = [look('ant', 'noto', 'red'), look('cat', 'noto', 'blue')];
    await paintLooks({ pipeline: { generate }, looks, out, seed: 40 });
    expect(asked).toEqual([
      ['a ant', 40],
      ['a cat', 41],
    ]);
    const set = await openImageFolder(out);
    expect(set.length).toBe(2);
    expect(set.caption(1)).toBe('a cat');
    expect(set.extra(1)).toEqual({ noun: 'cat', style: 'noto', ground: 'blue', seed: 41 });
    expect(new Set(await set.pixels(1, SIZE))).toEqual(new Set([41]));
    expect((await readFile(join(out, 'contact-sheet.png'))).subarray(1, 4).toString()).toBe('PNG');
  });
});
