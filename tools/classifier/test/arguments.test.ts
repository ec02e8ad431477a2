import { describe, expect, it } from 'vitest';
import { readArguments } from '../src/arguments.js';
import { commands } from '../src/commands.js';

const read = (...args: string[]) => readArguments(args, { values: ['seed', 'rate', 'styles'], switches: ['json'] });

describe('arguments', () => {
  it('are read with their types', () => {
    const options = read('--seed', '0', '--rate=0.5', '--styles', 'b, a', '--json');
    expect([options.whole('seed'), options.number('rate'), options.has('json')]).toEqual([0, 0.5, true]);
    expect(options.list('styles', ['a', 'b'])).toEqual(['b', 'a']);
    expect([read().whole('seed'), read().number('rate'), read().has('json')]).toEqual([undefined, undefined, false]);
    expect(read().list('styles', ['a', 'b'])).toEqual(['a', 'b']);
  });

  it.each([
    [['--seed', 'x'], '--seed: must be a whole number from 0, got "x"'],
    [['--seed', ''], '--seed: must be a whole number from 0, got ""'],
    [['--seed=-1'], '--seed: must be a whole number from 0, got "-1"'],
    [['--rate', '0'], '--rate: must be a number above 0, got "0"'],
    [['--styles', 'c'], '--styles: must be some of a, b, got "c"'],
    [['--sed', '1'], "Unknown option '--sed'"],
  ])('refuse %j', (args, message) => {
    const use = () => {
      const options = read(...args);
      options.whole('seed');
      options.number('rate');
      options.list('styles', ['a', 'b']);
    };
    expect(use).toThrow(message);
  });

  it('of score and paint must name the folder', async () => {
    const context = { args: [], signal: new AbortController().signal, result: () => undefined, note: () => undefined };
    await expect(commands.score!(context)).rejects.toThrow('--images: must be given, got nothing');
    await expect(commands.paint!(context)).rejects.toThrow('--out: must be given, got nothing');
  });
});
