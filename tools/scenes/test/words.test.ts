import { describe, expect, it } from 'vitest';
import { captionOf, loadNouns, plural, englishPlural, singular, withArticle, type Scene } from '@lascaux/scenes';

describe('words', () => {
  it.each([
    ['cat', 'a cat'],
    ['apple', 'an apple'],
    ['unicorn', 'a unicorn'],
    ['umbrella', 'an umbrella'],
    ['hourglass done', 'an hourglass done'],
    ['x-ray', 'an x-ray'],
    ['euro banknote', 'a euro banknote'],
    ['e-mail', 'an e-mail'],
  ])('%s → %s', (word, phrase) => {
    expect(withArticle(word)).toBe(phrase);
  });

  it.each([
    ['cat', 'cats'],
    ['bus', 'buses'],
    ['fox', 'foxes'],
    ['butterfly', 'butterflies'],
    ['monkey', 'monkeys'],
    ['torch', 'torches'],
    ['tomato', 'tomatoes'],
    ['maple leaf', 'maple leaves'],
    ['snowman', 'snowmen'],
    ['computer mouse', 'computer mice'],
    ['person', 'people'],
  ])('one %s, two %s', (word, many) => {
    expect(englishPlural(word)).toBe(many);
  });

  it('honours irregular words and words that are not counted', () => {
    expect(plural({ word: 'mouse', plural: 'mice' })).toBe('mice');
    expect(plural({ word: 'corn', plural: null })).toBeNull();
    expect(singular({ word: 'cherries', article: false })).toBe('cherries');
  });
});

describe('names of CLDR', () => {
  const all = new Map(loadNouns('all').map((noun) => [noun.word, noun]));

  it.each([
    ['jeans', 'jeans', null],
    ['butter', 'butter', null],
    ['rhinoceros', 'a rhinoceros', 'rhinoceroses'],
    ['compass', 'a compass', 'compasses'],
    ['smiling face with hearts', 'a smiling face with hearts', 'smiling faces with hearts'],
    ['pot of food', 'a pot of food', 'pots of food'],
    ['hammer and wrench', 'a hammer and wrench', null],
    ['clock at six-thirty', 'a clock at six-thirty', 'clocks at six-thirty'],
  ])('%s', (word, one, many) => {
    expect(all.get(word)).toMatchObject({ one, many });
  });
});

describe('captionOf', () => {
  const nouns = new Map(loadNouns('everyday').map((noun) => [noun.word, noun]));
  const item = (word: string) => ({ word, x: 0.5, y: 0.5, scale: 0.5, mirrored: false });
  const cat: Scene = { kind: 'single', style: 'fluent', ground: 'white', relation: null, items: [item('cat')] };

  it.each<[Partial<Scene>, string]>([
    [{}, 'a cat'],
    [{ ground: 'blue' }, 'a cat on a blue background'],
    [{ ground: 'orange' }, 'a cat on an orange background'],
    [{ style: 'noto' }, 'a cat, in the style of noto'],
    [{ style: 'twemoji', ground: 'light blue' }, 'a cat on a light blue background, in the style of twemoji'],
    [{ items: [item('cat'), item('cat')] }, 'two cats'],
    [{ items: [item('mouse'), item('mouse'), item('mouse')], ground: 'red' }, 'three mice on a red background'],
    [{ items: [item('apple'), item('pizza')], relation: 'to the left of' }, 'an apple to the left of a pizza'],
    [
      { items: [item('cherries'), item('owl')], relation: 'above', style: 'noto' },
      'cherries above an owl, in the style of noto',
    ],
  ])('%j', (change, caption) => {
    expect(captionOf({ ...cat, ...change }, nouns)).toBe(caption);
  });

  it('refuses unknown nouns and empty scenes', () => {
    expect(() => captionOf({ ...cat, items: [item('catt')] }, nouns)).toThrow('got "catt"');
    expect(() => captionOf({ ...cat, items: [] }, nouns)).toThrow('must have an item');
  });
});
