import { knownWords } from '@lascaux/models';
import { describe, expect, it } from 'vitest';
import { unknownWords } from '../src/prompt/unknown-words.js';

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

describe('the nearest known word', () => {
  it('of a word is a slip of the keys away, or none', () => {
    const nearest = (word: string) => unknownWords(word, words)[0]?.nearest;
    expect(nearest('elefant')).toBe('elephant');
    expect(nearest('strawbery')).toBe('strawberry');
    expect(nearest('satr')).toBe('star');
    expect(nearest('quasar')).toBeUndefined();
    expect(nearest('bat')).toBeUndefined();
  });
});
