import { describe, expect, it } from 'vitest';
import { clipTokenizer, parsePromptSections, parsePromptWeights, promptChunks, trainBpe } from '@lascaux/text-encoder';
import { CAPTIONS } from './captions.js';

const written = (prompt: string): string =>
  parsePromptWeights(prompt)
    .map(({ text, weight }) => `${text}=${Number(weight.toPrecision(6))}`)
    .join('|');

describe('parsePromptWeights', () => {
  it.each([
    ['a cat', 'a cat=1'],
    ['', '=1'],
    ['()', '=1'],
    ['a (cat)', 'a =1|cat=1.1'],
    ['((cat))', 'cat=1.21'],
    ['[cat] dog', 'cat=0.909091| dog=1'],
    ['a (cat:1.5), (dog: .5 )', 'a =1|cat=1.5|, =1|dog=0.5'],
    ['(cat:-1)', 'cat=-1'],
    ['(red (cat:1.5) on a [mat])', 'red =1.1|cat=1.65| on a =1.1|mat=1'],
    ['(one)(two)', 'onetwo=1.1'],
    ['(left open', 'left open=1.1'],
    ['[[left open', 'left open=0.826446'],
    ['closed) too] often:2)', 'closed) too] often:2)=1'],
    ['\\(cat\\) \\[dog\\] \\\\', '(cat) [dog] \\=1'],
    ['(\\(cat\\):1.2)', '(cat)=1.2'],
    // AUTOMATIC1111 drops a backslash that escapes nothing.
    ['C:\\temp', 'C:temp=1'],
    ['a :\\3 cat', 'a :3 cat=1'],
    ['cat\\', 'cat=1'],
    ['\\', '=1'],
    ['at 10:30 (sharp)', 'at 10:30 =1|sharp=1.1'],
    ['(cat:1.2.3)', 'cat:1.2.3=1.1'],
    ['[cat:0.5]', 'cat:0.5=0.909091'],
    ['(猫 🐱:1.3)', '猫 🐱=1.3'],
  ])('%j', (prompt, expected) => {
    expect(written(prompt)).toBe(expected);
  });

  it('lets the two kinds of bracket overlap', () => {
    expect(written('(one [two) three]')).toBe('one =1.1|two=1| three=0.909091');
  });

  it('takes 10,000 words, all in brackets left open', () => {
    const pieces = parsePromptWeights('cat [(:0)'.repeat(10_000));
    expect(pieces.map(({ text }) => text).join('')).toBe('cat '.repeat(10_000));
    expect(parsePromptWeights('((cat '.repeat(100)).at(-1)?.weight).toBeCloseTo(1.1 ** 200, -2);
  });
});

describe('parsePromptSections', () => {
  it.each([
    ['a cat', [['a cat']]],
    ['a cat BREAK a dog', [['a cat'], ['a dog']]],
    ['(a BREAK b:1.5) c', [['a'], ['b', ' c']]],
    ['BREAKFAST BREAK', [['BREAKFAST'], []]],
    ['', [[]]],
  ])('%j', (prompt, texts) => {
    expect(parsePromptSections(prompt).map((section) => section.map(({ text }) => text))).toEqual(texts);
  });

  it('lets brackets reach over BREAK', () => {
    const weights = parsePromptSections('(a BREAK b:1.5) c').flat();
    expect(weights.map(({ weight }) => weight)).toEqual([1.5, 1.5, 1]);
  });
});

describe('promptChunks', () => {
  const tokenizer = clipTokenizer(trainBpe(CAPTIONS, { vocabSize: 1024, maxLength: 5 }));
  const { startId, endId } = tokenizer;
  const [a, cat, dog, blue] = tokenizer.tokenize('a cat dog blue') as [number, number, number, number];

  it('cuts into framed sequences with a weight for each token', () => {
    expect(promptChunks(tokenizer, parsePromptSections('a (cat dog:1.5) blue'))).toEqual([
      { ids: [startId, a, cat, dog, endId], weights: [1, 1, 1.5, 1.5, 1] },
      { ids: [startId, blue, endId, endId, endId], weights: [1, 1, 1, 1, 1] },
    ]);
  });

  it('gives what encode gives when the prompt fits', () => {
    for (const prompt of ['', 'a', 'a cat dog']) {
      const [chunk, ...more] = promptChunks(tokenizer, parsePromptSections(prompt));
      expect(chunk?.ids).toEqual(tokenizer.encode(prompt).ids);
      expect(more).toEqual([]);
    }
  });

  it('fills up with empty chunks', () => {
    const chunks = promptChunks(tokenizer, parsePromptSections('a cat'), { chunkCount: 3 });
    expect(chunks.map(({ ids }) => ids)).toEqual(['a cat', '', ''].map((text) => tokenizer.encode(text).ids));
  });

  it('begins a sequence at BREAK', () => {
    const chunks = promptChunks(tokenizer, parsePromptSections('a cat BREAK dog'));
    expect(chunks.map(({ ids }) => ids)).toEqual(['a cat', 'dog'].map((text) => tokenizer.encode(text).ids));
  });

  // What AUTOMATIC1111's tokenize_line gives for the same tokens with room for 75 and a backtrack of 20.
  it('cuts after a comma that is at most twenty tokens back', () => {
    const long = clipTokenizer(trainBpe(CAPTIONS, { vocabSize: 1024, maxLength: 77 }));
    const words = (count: number): string => Array.from({ length: count }, () => 'cat').join(' ');
    const cut = (prompt: string): number[] =>
      promptChunks(long, parsePromptSections(prompt)).map(({ ids }) => ids.indexOf(long.endId) - 1);
    expect(cut(words(100))).toEqual([75, 25]);
    expect(cut(`${words(60)}, ${words(40)}`)).toEqual([61, 40]);
    expect(cut(`${words(55)}, ${words(44)}`)).toEqual([56, 44]);
    expect(cut(`${words(54)}, ${words(45)}`)).toEqual([75, 25]);
    expect(cut(`${words(60)}, ${words(14)}, ${words(25)}`)).toEqual([75, 26]);
    expect(cut(words(75))).toEqual([75]);
  });
});
