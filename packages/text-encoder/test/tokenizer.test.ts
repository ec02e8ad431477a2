import { describe, expect, it } from 'vitest';
import { clipTokenizer, trainBpe } from '@lascaux/text-encoder';
import { CAPTIONS } from './captions.js';

const bytesOnly = clipTokenizer(trainBpe([], { vocabSize: 514 }));
const trained = trainBpe(CAPTIONS, { vocabSize: 700, maxLength: 16 });
const tokenizer = clipTokenizer(trained);

function tokensOf(text: string): string[] {
  const own = clipTokenizer(trainBpe([text], { vocabSize: 5000, minFrequency: 1 }));
  const names = new Map([...own.vocab].map(([token, id]) => [id, token]));
  return own.tokenize(text).map((id) => names.get(id) ?? '');
}

describe('ids of the original CLIP tokenizer that need no merges', () => {
  it.each([
    ['0123456789 0 10', [271, 272, 273, 274, 275, 276, 277, 278, 279, 280, 271, 272, 271]],
    ['～', [171, 121, 508]],
    ['A ? . ,', [320, 286, 269, 267]],
  ])('%s', (text, ids) => {
    expect(bytesOnly.tokenize(text)).toEqual(ids);
  });
});

describe('words of the original CLIP tokenizer', () => {
  // A vocabulary learned from the text alone joins every word to one token, so the tokens are the words.
  it.each([
    ["A\n'll !!to?'d''d of, can't.", "a 'll !! to ?' d '' d of , can 't ."],
    ['let a = obj.toString();\ntoString();', 'let a = obj . tostring (); tostring ();'],
    ["You should've done this", "you should 've done this"],
    ['Hi  Hello\u00a0\u0085x', 'hi hello x'],
    ['$1.00 R2', '$ 1 . 0 0 r 2'],
  ])('%j', (text, words) => {
    expect(tokensOf(text)).toEqual(words.split(' ').map((word) => `${word}</w>`));
  });

  it('keeps composed and decomposed accents equal', () => {
    expect(tokenizer.tokenize('cre\u0300me BRU\u0302LE\u0301E')).toEqual(tokenizer.tokenize('crème brûlée'));
  });
});

describe('merging', () => {
  it('agrees with the textbook loop on random words', () => {
    const ranks = new Map(trained.merges.map((merge, rank) => [merge.join(' '), rank]));
    const rankAt = (symbols: string[], i: number) => ranks.get(`${symbols[i]} ${symbols[i + 1]}`) ?? Infinity;
    function textbook(word: string): string[] {
      const symbols = [...word.slice(0, -1), `${word.at(-1)}</w>`];
      for (;;) {
        const pairs = symbols.slice(1).map((_, i) => rankAt(symbols, i));
        const lowest = Math.min(...pairs);
        if (lowest === Infinity) return symbols;
        symbols.splice(pairs.indexOf(lowest), 2, trained.merges[lowest]?.join('') ?? '');
      }
    }
    const letters = 'abackgroundstylethre';
    for (let seed = 1; seed < 300; seed++) {
      const length = 1 + (seed % 23);
      const word = Array.from({ length }, (_, i) => letters[(seed * 7 + i * i * 13 + i * seed) % letters.length]).join(
        '',
      );
      expect(tokenizer.tokenize(word)).toEqual(textbook(word).map((symbol) => trained.vocab.get(symbol)));
    }
  });
});

describe('encode', () => {
  it('frames and pads', () => {
    const { ids, truncated } = tokenizer.encode('a cat');
    expect(ids).toEqual([
      tokenizer.startId,
      ...tokenizer.tokenize('a cat'),
      ...Array<number>(13).fill(tokenizer.endId),
    ]);
    expect(truncated).toBe(0);
  });

  it('encodes the empty text as start, end, padding', () => {
    const padded = clipTokenizer({ ...trained, maxLength: 4, padId: 0 });
    expect(padded.encode('').ids).toEqual([padded.startId, padded.endId, 0, 0]);
    expect(padded.encode(' \n\t ').ids).toEqual(padded.encode('').ids);
  });

  it('keeps the end token last when it truncates, and counts what it dropped', () => {
    const { ids, truncated } = tokenizer.encode('a cat on a blue background '.repeat(10));
    expect(ids).toHaveLength(16);
    expect(ids.at(-1)).toBe(tokenizer.endId);
    expect(ids.indexOf(Math.max(...ids))).toBe(15);
    expect(truncated).toBe(60 - 14);
    expect(tokenizer.encode('cat '.repeat(14)).truncated).toBe(0);
  });

  it('takes emoji, Chinese, lone surrogates and 10,000 words', () => {
    expect(tokenizer.tokenize('🐱')).toHaveLength(4);
    expect(tokenizer.decode(tokenizer.tokenize('🐱 生活的真谛是'))).toBe('🐱 生活的真谛是');
    expect(tokenizer.decode(tokenizer.tokenize('\ud83d'))).toBe('\ufffd');
    const words = Array.from({ length: 10_000 }, (_, i) => `word${i.toString(36)}`).join(' ');
    expect(tokenizer.encode(words).truncated).toBeGreaterThan(10_000);
    expect(tokenizer.encode('abackground'.repeat(10_000)).truncated).toBeGreaterThan(10_000);
  });

  it('takes a special token in the text as that token, and a pad token of its own too', () => {
    expect(tokenizer.tokenize('cat?<|EndOfText|>')).toEqual([...tokenizer.tokenize('cat ?'), tokenizer.endId]);
    const bang = clipTokenizer({ ...trained, padId: 0 });
    expect(bang.tokenize('cat!!')).toEqual([...tokenizer.tokenize('cat'), 0, 0]);
  });
});

describe('decode', () => {
  it('gives the cleaned text back', () => {
    expect(tokenizer.decode(tokenizer.encode('A  Cat, on a BLUE background!').ids)).toBe(
      'a cat, on a blue background!',
    );
  });

  it('takes bigints, and refuses unknown ids', () => {
    expect(tokenizer.decode(tokenizer.encode('a dog').ids.map(BigInt))).toBe('a dog');
    expect(() => tokenizer.decode([99_999])).toThrow('decode: every id must be in the vocabulary, got 99999');
  });
});

describe('bad vocabularies', () => {
  it.each([
    ['no special tokens', { vocab: new Map([['a', 0]]), merges: [] }, 'vocab must hold the token <|startoftext|>'],
    [
      'a merge of unknown symbols',
      { vocab: trained.vocab, merges: [['q', 'qq'] as const] },
      'must be in vocab, got "qq"',
    ],
    ['too short', { ...trained, maxLength: 1 }, 'maxLength must be a whole number of at least 2, got 1'],
    ['padding outside', { ...trained, padId: 70_000 }, 'padId must be an id of vocab, got 70000'],
  ])('%s', (_, options, message) => {
    expect(() => clipTokenizer(options)).toThrow(message);
  });
});
