import { formatParameters, parseParameters } from '@lascaux/pipeline/image';
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

  it('reads JSON values to their end', () => {
    const text =
      'x\nSteps: 2, Hashes: {"vae": "a, b", "list": [1, "}"]}, Civitai resources: [{"type":"lora","weight":1}], Seed: 3, Odd: {a, Last: 1';
    expect(parseParameters(text).values).toEqual({
      Steps: '2',
      Hashes: '{"vae": "a, b", "list": [1, "}"]}',
      'Civitai resources': '[{"type":"lora","weight":1}]',
      Seed: '3',
      Odd: '{a',
      Last: '1',
    });
  });

  it('reads values that go on over lines, and lines behind them', () => {
    const line = 'Steps: 20, Sampler: Euler, CFG scale: 7';
    expect(
      parseParameters(`a\nNegative prompt: b\n${line}, Wildcards: "c\nd, e", Seed: 5\nTemplate: x, y: z\nmore`),
    ).toEqual({
      prompt: 'a',
      negativePrompt: 'b',
      values: {
        ...{ Steps: '20', Sampler: 'Euler', 'CFG scale': '7', Wildcards: 'c\nd, e', Seed: '5' },
        Template: 'x, y: z\nmore',
      },
    });
  });

  it('never takes the negative prompt for values', () => {
    const text = 'a cat\nNegative prompt: style: bad, mood: dull, light: flat';
    expect(parseParameters(text)).toEqual({
      prompt: 'a cat',
      negativePrompt: 'style: bad, mood: dull, light: flat',
      values: {},
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

/** AUTOMATIC1111's own reader (`parse_generation_parameters`), as far as prompts and the line of values go. */
function readAsWebUi(text: string): { prompt: string; negative: string; values: string } {
  const lines = text.trim().split('\n');
  const values = lines.pop() ?? '';
  const [prompt, negative]: string[][] = [[], []];
  let target = prompt!;
  for (const line of lines.map((each) => each.trim())) {
    const isNegative = line.startsWith('Negative prompt:');
    if (isNegative) target = negative!;
    target.push(isNegative ? line.slice(16).trim() : line);
  }
  return { prompt: prompt!.join('\n'), negative: negative!.join('\n'), values };
}

describe('prompts that look like settings', () => {
  const forged = [
    'a cat\nSteps: 99, Sampler: evil, CFG scale: 1, Seed: 666, Size: 1x1',
    'a cat\nNegative prompt: nothing',
    'Negative prompt: x\nSteps: 1, Seed: 2, CFG scale: 3',
    'a\n \tSteps:5, Seed: 2, Size: 1x1\nend',
    'a "quoted", {odd} prompt\nNegative prompt: b: "c"',
  ];

  it.each(forged)('are read back as they were said: %j', (prompt) => {
    for (const [positive, negativePrompt] of [
      [prompt, ''],
      ['a dog', prompt],
      [prompt, prompt],
    ] as const) {
      const text = formatParameters({ prompt: positive, negativePrompt, values });
      const parsed = parseParameters(text);
      expect(parsed).toMatchObject({ prompt: positive, negativePrompt });
      expect(parsed.values).toMatchObject({ Steps: '20', Seed: '42', Size: '64x48' });
      expect(Object.keys(parsed.values)).toHaveLength(7);
      // In the web UI only the blank before a colon tells the difference.
      const seen = readAsWebUi(text);
      const plain = (said: string): string => said.replaceAll(/\s+/g, '');
      expect([plain(seen.prompt), plain(seen.negative)]).toEqual([plain(positive), plain(negativePrompt)]);
      expect(seen.values.startsWith('Steps: 20, ')).toBe(true);
      // Readers that search the whole text find our values alone.
      expect([...text.matchAll(/Steps:/g)]).toHaveLength(1);
    }
  });

  it('leave other prompts as they are', () => {
    const text = formatParameters({ prompt: 'three Steps: 3\nSteps: many', values });
    expect(text.split('\n')).toEqual(['three Steps: 3', 'Steps: many', expect.stringMatching(/^Steps: 20/)]);
  });
});

it('takes many pairs apart in linear time', () => {
  // Decoded as UTF-16, in which looking for a character is slow.
  const pairs = `${'aa:"\\\\",'.repeat(30_000)}\u4e00`;
  const start = process.cpuUsage();
  parseParameters(pairs);
  const { user } = process.cpuUsage(start);
  expect(user / 1e6).toBeLessThan(5);
}, 60_000);
