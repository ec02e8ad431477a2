import { distinctDraw, mean, median, readArguments } from '@lascaux/figures';
import { describe, expect, it } from 'vitest';

describe('distinctDraw', () => {
  const captions = ['a cat', 'a dog', 'a cat', 'a fox', 'a dog', 'a cow'];

  it('takes each caption once, in an order that its seed fixes', () => {
    const drawn = distinctDraw({ captions, count: 4, seed: 7 });
    expect(new Set(drawn.map((index) => captions[index])).size).toBe(4);
    expect(distinctDraw({ captions, count: 4, seed: 7 })).toEqual(drawn);
  });

  it('refuses more than there are', () => {
    expect(() => distinctDraw({ captions, count: 5, seed: 0 })).toThrow('needs 5 distinct captions, got 4');
  });
});

describe('statistics', () => {
  it('has the middle value and the mean', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(3);
    expect(mean([1, 2, 6])).toBe(3);
  });
});

describe('readArguments', () => {
  it('has defaults for all but the name', () => {
    expect(readArguments(['vae'])).toEqual({
      name: 'vae',
      model: 'models/lascaux-mini',
      data: 'data/scenes',
      count: undefined,
      seed: 0,
      json: false,
    });
    expect(readArguments(['time', '--count', '3', '--json'])).toMatchObject({ name: 'time', count: 3, json: true });
  });

  it.each([
    [[], 'figures: must be one figure, got "" (accepted: vae, clip, frechet, time)'],
    [['fid'], 'figures: must be one figure, got "fid" (accepted: vae, clip, frechet, time)'],
    [['vae', '--count', '0'], '--count: must be a whole number from 1, got "0"'],
    [['vae', '--seed', 'x'], '--seed: must be a whole number from 0, got "x"'],
    [['vae', '--fast'], '--fast'],
  ])('refuses %j', (args, message) => {
    expect(() => readArguments(args)).toThrow(message);
  });
});
