import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomStream } from '@lascaux/data';
import {
  commonWords,
  faintness,
  GROUNDS,
  isHeldOut,
  LOCALES,
  loadLexicon,
  loadPhrases,
  paintedWords,
  openAtlas,
  painterCaption,
  painterEmojis,
  painterScene,
  paintScene,
  recolour,
  sceneSet,
  THING_COLOURS,
  thumbnails,
  type PainterScene,
} from '@lascaux/scenes';
import { describe, expect, it } from 'vitest';

const emojis = painterEmojis();
const shares = { single: 0.4, count: 0.3, coloured: 0.3, white: 0.3 };
const source = { seed: 1, count: emojis.length, shares };
const scenes = Array.from({ length: 200 }, (_, i) => painterScene(source, i));
const labelled = (...labels: readonly string[]) => emojis.filter(({ label }) => labels.includes(label));

describe('scenes of the painter', () => {
  it('are a pure function of seed and index', () => {
    expect(painterScene(source, 17)).toEqual(scenes[17]);
    expect(painterScene({ ...source, seed: 2 }, 17)).not.toEqual(scenes[17]);
  });

  it('put half-size drawings into boxes that begin at latent cells, so that a drawing has one pattern wherever it stands', () => {
    const halves = scenes.flatMap(({ items }) => items.filter(({ side }) => side < 128));
    expect(halves.length).toBeGreaterThan(100);
    for (const { x, y, side } of halves) {
      const [left, top] = [x, y].map((place) => (place - (128 - side) / 2) % 32);
      for (const off of [left!, top!]) expect(Math.min((off + 32) % 32, 32 - ((off + 32) % 32))).toBeLessThanOrEqual(3);
    }
  });

  it('place things as their relation says', () => {
    const related = scenes.filter(({ relation }) => relation === 'left' || relation === 'above');
    expect(related.length).toBeGreaterThan(5);
    for (const { relation, items } of related) {
      const [first, second] = items;
      if (relation === 'left') expect(first!.x).toBeLessThan(second!.x);
      else expect(first!.y).toBeLessThan(second!.y);
    }
  });

  it('stand in the middle, in one size, where they are steady, and show the same', () => {
    const steady = scenes.map((_, i) => painterScene({ ...source, isSteady: true }, i));
    const places = new Set(
      steady
        .filter(({ kind }) => kind === 'single')
        .map(({ items }) => `${items[0]!.x} ${items[0]!.y} ${items[0]!.side}`),
    );
    expect([...places]).toEqual(['16 16 224']);
    const shown = ({ items, ...rest }: (typeof scenes)[number]): unknown => [rest, items.map(({ emoji }) => emoji)];
    expect(steady.map(shown)).toEqual(scenes.map(shown));
  });

  it('are drawn anew when they are refused', () => {
    const refuses = (scene: PainterScene) => isHeldOut(scene, emojis);
    const allowed = Array.from({ length: 400 }, (_, i) => painterScene({ ...source, refuses }, i));
    expect(allowed.some(refuses)).toBe(false);
    expect(() => painterScene({ ...source, refuses: () => true }, 0)).toThrow('some must be allowed');
  });

  it('keep about a twentieth of the combinations out of training', () => {
    const counted = Array.from({ length: 3000 }, (_, i) =>
      painterScene({ ...source, shares: { ...shares, single: 0, count: 1, coloured: 0 } }, i),
    );
    const share = counted.filter((scene) => isHeldOut(scene, emojis)).length / counted.length;
    expect(share).toBeGreaterThan(0.03);
    expect(share).toBeLessThan(0.07);
  });
});

describe('the atlas', () => {
  const few = labelled('cat', 'star', 'elephant');
  const folder = mkdtemp(join(tmpdir(), 'lascaux-atlas-'));

  it('is made once and holds every style and side', async () => {
    const atlas = await openAtlas(await folder, few);
    const drawing = atlas.drawing(0, 'fluent', 208);
    expect(drawing).toHaveLength(208 * 208 * 4);
    expect(drawing.some((value) => value > 0)).toBe(true);
    expect(() => atlas.drawing(0, 'fluent', 99)).toThrow('side must be one of 208');
    const again = await openAtlas(await folder, few);
    expect(again.drawing(1, 'noto', 104)).toEqual(atlas.drawing(1, 'noto', 104));
    atlas.close();
    again.close();
  });

  it('paints a scene on its ground', async () => {
    const atlas = await openAtlas(await folder, few);
    const item = { emoji: 0, colour: null, x: 24, y: 24, side: 208 };
    const pixels = paintScene(atlas, {
      kind: 'single',
      style: 'fluent',
      ground: 'blue',
      relation: null,
      items: [item],
    });
    expect([...pixels.slice(0, 3)]).toEqual([40, 95, 220]);
    expect(new Set(pixels).size).toBeGreaterThan(20);
    const set = sceneSet({ atlas, seed: 1, shares });
    expect(await set.pixels(5, 256)).toEqual(await set.pixels(5, 256));
    await expect(set.pixels(5, 64)).rejects.toThrow('side must be 256');
    atlas.close();
  });

  it('knows a yellow star on yellow as faint, and not on blue', async () => {
    const atlas = await openAtlas(await folder, few);
    const star = emojisIndex(few, 'star');
    const isFaint = faintness(thumbnails(atlas));
    const scene = (ground: string, colour: string | null): PainterScene => ({
      ...{ kind: 'single', style: 'fluent', ground, relation: null },
      items: [{ emoji: star, colour, x: 24, y: 24, side: 208 }],
    });
    expect(isFaint(scene('yellow', null))).toBe(true);
    expect(isFaint(scene('blue', null))).toBe(false);
    expect(isFaint(scene('blue', 'blue'))).toBe(true);
    atlas.close();
  });
});

const emojisIndex = (list: readonly { label: string }[], label: string): number =>
  list.findIndex((emoji) => emoji.label === label);

describe('recolour', () => {
  const pixel = (r: number, g: number, b: number, a = 255) => [r, g, b, a];

  it('turns the main colour and leaves outlines and other parts', () => {
    const rgba = Uint8Array.from([
      ...Array.from({ length: 20 }, () => pixel(220, 40, 40)).flat(),
      ...pixel(20, 20, 20),
      ...pixel(255, 255, 255),
    ]);
    recolour(
      rgba,
      THING_COLOURS.find(({ name }) => name === 'blue')!,
    );
    const [r, g, b] = rgba;
    expect(b).toBeGreaterThan(180);
    expect(Math.max(r!, g!)).toBeLessThan(120);
    expect([...rgba.slice(80)]).toEqual([20, 20, 20, 255, 255, 255, 255, 255]);
  });

  it('colours what is gray', () => {
    const rgba = Uint8Array.from(Array.from({ length: 9 }, () => pixel(150, 150, 155)).flat());
    recolour(
      rgba,
      THING_COLOURS.find(({ name }) => name === 'red')!,
    );
    expect(rgba[0]).toBeGreaterThan(2 * rgba[2]!);
  });
});

describe('words', () => {
  const lexicon = loadLexicon(emojis);
  const nameOf = (word: string): string | undefined => {
    const found = lexicon.words.get(word);
    return found === undefined ? undefined : emojis[found.emoji]!.label;
  };

  it.each([
    ['cat', 'cat'],
    ['kitten', 'cat'],
    ['poodle', 'poodle'],
    ['hound', 'dog'],
    ['car', 'automobile'],
    ['gato', 'cat'],
    ['猫', 'cat'],
    ['кошка', 'cat'],
    ['🐱', 'cat face'],
    ['chien', 'dog'],
    ['doctor', 'health worker'],
    ['oak', 'deciduous tree'],
    ['king', 'person with crown'],
    ['beer', 'beer mug'],
    ['table', undefined],
    // Plurals, which keywords and other languages led elsewhere or nowhere.
    ['cars', 'automobile'],
    ['bears', 'bear'],
    ['apples', 'red apple'],
    ['mice', 'mouse'],
    ['houses', 'houses'],
    ['pies', 'dog'],
    // What languages call a thing, where their lists of names have it only as a part of others.
    ['fleur', 'blossom'],
    ['mond', 'crescent moon'],
    ['車', 'automobile'],
    ['кот', 'cat'],
    ['물', 'droplet'],
    // Of two languages: English first, then the one that more people write in.
    ['farmer', 'farmer'],
    ['artist', 'artist'],
    ['cane', 'dog'],
    // Senses of a word that its drawing does not mean.
    ['foreigner', undefined],
    ['proverb', undefined],
  ])('%s leads to the %s', (word, label) => {
    expect(nameOf(word)).toBe(label);
  });

  it('are those that people call a thing by first', () => {
    const cat = emojis.findIndex(({ label }) => label === 'cat');
    const texts = commonWords(lexicon.of(cat, 'en')).map(({ text }) => text);
    expect(texts.toSorted()).toEqual(['cat', 'kitty', 'kitty cat']);
    expect(commonWords([])).toEqual([]);
  });

  it('are tens of thousands, in every language', () => {
    expect(lexicon.words.size).toBeGreaterThan(100_000);
    for (const locale of LOCALES) {
      const named = emojis.filter((_, i) => lexicon.of(i, locale).length > 0).length;
      expect(named / emojis.length, locale).toBeGreaterThan(0.8);
    }
  });

  it('are listed with what they lead to, and those that go with them', () => {
    const listed = paintedWords({ lexicon, phrases: loadPhrases() }, emojis);
    expect(listed.size).toBeGreaterThan(lexicon.words.size);
    for (const [word, meaning] of [
      ['kitten', 'cat'],
      ['猫', 'cat'],
      ['red', ''],
      ['rouge', ''],
      ['background', ''],
      ['twemoji', ''],
      ['photo', ''],
      ['left', ''],
    ] as const)
      expect(listed.get(word), word).toBe(meaning);
    expect(listed.has('quasar')).toBe(false);
  });

  it('of too many things mean none of them', () => {
    expect(lexicon.words.get('animals')?.role).not.toBe('name');
    expect(lexicon.broad.get('face')?.length ?? lexicon.broad.get('animal')?.length ?? 11).toBeGreaterThan(10);
  });

  it('have phrases for counts, relations, grounds and colours in every language', () => {
    const phrases = loadPhrases();
    expect([...phrases.keys()].sort()).toEqual([...LOCALES].sort());
    for (const [locale, { counts, relations, ground, colours }] of phrases) {
      expect(
        Object.values(counts).every((list) => list.every((text) => text.includes('{n}'))),
        locale,
      ).toBe(true);
      expect(
        Object.values(relations).every((list) => list.every((text) => text.includes('{a}') && text.includes('{b}'))),
        locale,
      ).toBe(true);
      expect(
        ground.every((text) => text.includes('{x}') && text.includes('{c}')),
        locale,
      ).toBe(true);
      expect([...colours.keys()].sort(), locale).toEqual(GROUNDS.map(({ name }) => name).sort());
    }
  });

  it('make captions that name colour, ground and style', () => {
    const phrases = loadPhrases();
    const cat = emojisIndex(emojis, 'cat');
    const scene: PainterScene = {
      ...{ kind: 'single', style: 'noto', ground: 'green', relation: null },
      items: [{ emoji: cat, colour: 'red', x: 0, y: 0, side: 208 }],
    };
    const captions = Array.from({ length: 400 }, (_, i) =>
      painterCaption(scene, { lexicon, phrases }, randomStream(`${i}`)),
    );
    expect(captions.every((caption) => caption.toLowerCase().includes('noto'))).toBe(true);
    const english = captions.filter((caption) => /\bred\b/i.test(caption) && /\bgreen\b/i.test(caption));
    expect(english.length).toBeGreaterThan(120);
    expect(captions.some((caption) => caption.includes('gato roj'))).toBe(true);
    expect(new Set(captions).size).toBeGreaterThan(150);
  });
});
