import {
  GENERATE_OPTIONS,
  checkOption,
  generateOptions,
  generateOptionsSchema,
  optionDefaults,
  readOption,
  resolveSeed,
} from '@lascaux/pipeline/options';
import { describe, expect, it } from 'vitest';

const model = { steps: 20, guidanceScale: 7, sampler: undefined, width: 64, height: 32 };

describe('the table of options', () => {
  it.each([
    ['steps', '12', 12],
    ['guidanceScale', ' 7.5', 7.5],
    ['sampler', 'DPM++ 2M Karras', 'DPM++ 2M Karras'],
    ['promptSyntax', 'plain', 'plain'],
    ['originalSize', '512x384', { width: 512, height: 384 }],
    ['cropTopLeft', '3,4', { left: 3, top: 4 }],
    ['negativePrompt', '', ''],
  ] as const)('reads %s from the text %j', (name, text, value) => {
    expect(readOption(name, text)).toEqual(value);
    expect(() => checkOption(name, value)).not.toThrow();
  });

  it.each([
    ['steps', '0x10', 'steps: must be a whole number from 1 to 1000, got "0x10"'],
    ['steps', '', 'steps: must be a whole number from 1 to 1000, got ""'],
    ['strength', '0', 'strength: must be above 0 and at most 1, got "0"'],
    ['targetSize', '5x', 'targetSize: must be two whole numbers, got "5x" (accepted: such as 512x384)'],
    ['cropTopLeft', '1,2,3', 'cropTopLeft: must be two whole numbers, got "1,2,3" (accepted: such as 512,384)'],
    ['image', 'cat.png', 'image: must be an image: { pixels, width, height }, got "cat.png"'],
  ] as const)('refuses %s of the text %j', (name, text, message) => {
    expect(() => readOption(name, text)).toThrow(message);
  });

  it('has a default that its own schema takes, and a help without the words of a command line', () => {
    for (const [name, { default: usual, help }] of generateOptions) {
      if (usual !== undefined && typeof usual !== 'function') expect(() => checkOption(name, usual)).not.toThrow();
      expect(help).not.toContain('--');
    }
  });

  it('leaves out the defaults of what has no meaning for a family', () => {
    const common = { steps: 20, guidanceScale: 7, seed: 0, width: 64, height: 32, guidanceRescale: 0, count: 1 };
    const flux = { ...common, promptSyntax: 'a1111' };
    expect(optionDefaults(model, 'Flux')).toEqual(flux);
    expect(optionDefaults(model, 'Stable Diffusion')).toEqual({ ...flux, clipSkip: 1 });
  });

  it('is a JSON Schema of what JSON can say', () => {
    const { properties, ...rest } = generateOptionsSchema();
    expect(rest).toEqual({ type: 'object', required: ['prompt'], additionalProperties: false });
    expect(properties).toMatchObject({
      prompt: { type: 'string', description: 'what to paint' },
      steps: { type: 'integer', minimum: 1, maximum: 1000 },
      guidanceRescale: { type: 'number', minimum: 0, maximum: 1, default: 0 },
      sampler: { type: 'string' },
      promptSyntax: { enum: ['a1111', 'plain'], default: 'a1111' },
      cropTopLeft: { type: 'object', required: ['top', 'left'] },
    });
    const described = Object.keys(properties as object);
    expect(described).toEqual(Object.keys(GENERATE_OPTIONS).filter((name) => name !== 'image' && name !== 'mask'));
  });
});

it('a seed of -1 is drawn, others are kept', () => {
  expect([resolveSeed(0), resolveSeed(7)]).toEqual([0, 7]);
  const drawn = Array.from({ length: 8 }, () => resolveSeed(-1));
  expect(new Set(drawn).size).toBe(8);
  expect(drawn.every((seed) => Number.isSafeInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
});
