import { formatParameters, parseParameters } from '@lascaux/pipeline';
import { describe, expect, it } from 'vitest';

const values = { Steps: 20, Sampler: 'ddim', 'CFG scale': 7.5, Seed: 42, Size: '64x48' };

it.each(['a b', 'aa:"\\",', 'aa: "', ':', '\n', ' '])('reads 256 KB of %j in seconds, and refuses more', (piece) => {
  const text = piece.repeat(Math.floor(2 ** 18 / piece.length));
  const start = performance.now();
  expect(parseParameters(text)).toHaveProperty('prompt');
  expect(performance.now() - start).toBeLessThan(5000);
  expect(() => parseParameters(`${text}${piece.repeat(9)}`)).toThrow('settings text: may have 262144 characters');
});

describe('formatParameters', () => {
  it('writes the form of AUTOMATIC1111', () => {
    expect(formatParameters({ prompt: 'a cat', negativePrompt: 'a dog', values })).toBe(
      'a cat\nNegative prompt: a dog\nSteps: 20, Sampler: ddim, CFG scale: 7.5, Seed: 42, Size: 64x48',
    );
  });

  it('leaves out what is empty and quotes what would confuse the reader', () => {
    const text = formatParameters({
      prompt: 'x',
      values: { Model: 'a, b', Missing: undefined, Null: null, Note: 'é: "q"' },
    });
    expect(text).toBe('x\nModel: "a, b", Note: "é: \\"q\\""');
  });
});

describe('parseParameters', () => {
  it.each(['a cat', '', 'two\nlines, with: colons', '一只猫 🐱', 'ends with a comma,', 'Steps: 3'])(
    'returns the prompt %j and its settings',
    (prompt) => {
      const parsed = parseParameters(formatParameters({ prompt, negativePrompt: 'bad\nworse', values }));
      expect(parsed).toEqual({
        prompt,
        negativePrompt: 'bad\nworse',
        values: {
          Steps: '20',
          Sampler: 'ddim',
          'CFG scale': '7.5',
          Seed: '42',
          Size: '64x48',
          'Size-1': '64',
          'Size-2': '48',
        },
      });
    },
  );

  it('returns quoted values', () => {
    const text = formatParameters({ prompt: 'x', values: { ...values, Model: 'odd, "name": 1' } });
    expect(parseParameters(text).values.Model).toBe('odd, "name": 1');
  });

  it('reads a text of the web UI', () => {
    const text = [
      'masterpiece, (cat:1.2)',
      'Negative prompt: lowres, bad anatomy',
      'Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 965400086, Size: 512x768, Model hash: 6ce0161689, ' +
        'Lora hashes: "a: 1234, b: 5678", Version: v1.9.4',
    ].join('\n');
    expect(parseParameters(text)).toMatchObject({
      prompt: 'masterpiece, (cat:1.2)',
      negativePrompt: 'lowres, bad anatomy',
      values: {
        Sampler: 'DPM++ 2M',
        'Size-1': '512',
        'Size-2': '768',
        'Lora hashes': 'a: 1234, b: 5678',
        Version: 'v1.9.4',
      },
    });
  });

  it('takes a last line with fewer than three values as prompt', () => {
    expect(parseParameters('a cat\nage: 3, name: Tom')).toEqual({
      prompt: 'a cat\nage: 3, name: Tom',
      negativePrompt: '',
      values: {},
    });
  });

  it('reads a very long line without a colon quickly', () => {
    const started = performance.now();
    parseParameters('word '.repeat(50_000));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
