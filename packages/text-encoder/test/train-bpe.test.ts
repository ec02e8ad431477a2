import { describe, expect, it } from 'vitest';
import { clipTokenizer, trainBpe } from '@lascaux/text-encoder';
import { CAPTIONS } from './captions.js';

describe('trainBpe', () => {
  it('learns the merges computed by hand', () => {
    // Pairs: (a, b</w>) 3 times, (a, b) and (b, c</w>) once each; among equals the lower ids win.
    const { vocab, merges } = trainBpe(['ab ab', 'abc AB'], { vocabSize: 600, minFrequency: 1 });
    expect(merges).toEqual([
      ['a', 'b</w>'],
      ['a', 'b'],
      ['ab', 'c</w>'],
    ]);
    expect([...vocab.keys()].slice(512)).toEqual(['ab</w>', 'ab', 'abc</w>', '<|startoftext|>', '<|endoftext|>']);
  });

  it('begins with the symbols of the original CLIP vocabulary and ends with the end token', () => {
    const { vocab } = trainBpe(CAPTIONS, { vocabSize: 620 });
    const known = { '!': 0, a: 64, Ń: 255, '!</w>': 256, 'a</w>': 320, '?</w>': 286, 'Ń</w>': 511 };
    for (const [token, id] of Object.entries(known)) expect(vocab.get(token)).toBe(id);
    expect(vocab.get('<|startoftext|>')).toBe(vocab.size - 2);
    expect(vocab.get('<|endoftext|>')).toBe(vocab.size - 1);
    expect([...vocab.values()]).toEqual(Array.from({ length: vocab.size }, (_, id) => id));
  });

  it('makes single tokens of common words', () => {
    const tokenizer = clipTokenizer(trainBpe(CAPTIONS, { vocabSize: 1024 }));
    expect(tokenizer.tokenize('three cats on a blue background, in the style of noto')).toHaveLength(12);
    expect(tokenizer.tokenize('crème brûlée')).toHaveLength(2);
  });

  it('does not depend on the order of the captions', () => {
    const options = { vocabSize: 580 };
    expect(trainBpe([...CAPTIONS].reverse(), options)).toEqual(trainBpe(CAPTIONS, options));
  });

  it('keeps to vocabSize, and merges no pair rarer than minFrequency', () => {
    expect(trainBpe(CAPTIONS, { vocabSize: 530 }).vocab.size).toBe(530);
    expect(trainBpe(['cat dog'], { vocabSize: 600 }).merges).toEqual([]);
    expect(trainBpe([], { vocabSize: 514 }).vocab.size).toBe(514);
  });

  it('never learns pieces of the special tokens', () => {
    expect(trainBpe(['<|endoftext|>', '<|endoftext|>'], { vocabSize: 600 }).merges).toEqual([]);
  });

  it('refuses a vocabulary without room for the bytes', () => {
    expect(() => trainBpe(CAPTIONS, { vocabSize: 513 })).toThrow(
      /vocabSize must be a whole number from 514 .* got 513/,
    );
    expect(() => trainBpe(CAPTIONS, { vocabSize: 600.5 })).toThrow('got 600.5');
  });
});
