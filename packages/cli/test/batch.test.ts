import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { networkModel, temporaryFolder } from '@lascaux/model-fixtures';
import { parseParameters, readImageInformation } from '@lascaux/pipeline/image';
import { describe, expect, it } from 'vitest';
import { planBatch } from '../src/batch/batch-plan.js';
import { parseAxis } from '../src/batch/grid-axes.js';
import { readPromptList } from '../src/batch/prompt-list.js';
import { promptMatrix } from '../src/batch/prompt-matrix.js';
import { Wildcards } from '../src/batch/wildcards.js';
import { runCaptured } from './support/captured-terminal.js';

async function stored(name: string, text: string, folder?: string): Promise<string> {
  const path = join(folder ?? (await temporaryFolder()), name);
  await writeFile(path, text);
  return path;
}

describe('alternatives of a prompt', () => {
  it('stand for every combination, the last ones changing first', () => {
    expect(promptMatrix('a {red|blue} {cat | dog}')).toEqual([
      { prompt: 'a red cat', chosen: ['red', 'cat'] },
      { prompt: 'a red dog', chosen: ['red', 'dog'] },
      { prompt: 'a blue cat', chosen: ['blue', 'cat'] },
      { prompt: 'a blue dog', chosen: ['blue', 'dog'] },
    ]);
  });

  it('may be empty, and braces without a bar are ordinary characters', () => {
    expect(promptMatrix('a {|big} {cat}').map(({ prompt }) => prompt)).toEqual(['a {cat}', 'a big {cat}']);
  });

  it('may be nested', () => {
    expect(promptMatrix('{a {red|blue} cat|a dog}').map(({ prompt }) => prompt)).toEqual([
      'a red cat',
      'a dog',
      'a blue cat',
      'a dog',
    ]);
  });

  it('are refused where there are too many, before any is made', () => {
    expect(() => promptMatrix('{a|b}'.repeat(40))).toThrow('may stand for 10000 prompts');
  });
});

describe('an axis', () => {
  it('has values of an option by its flag or the library’s name, with ranges of whole numbers', () => {
    const values = (written: string): unknown[] => parseAxis(written).values.map(({ value }) => value);
    expect(values('steps=4,10..12')).toEqual([4, 10, 11, 12]);
    expect(values('seed=3..1')).toEqual([3, 2, 1]);
    expect(values('guidance=1,1.5')).toEqual([1, 1.5]);
    expect(parseAxis('guidanceScale=2').name).toBe('guidance');
    expect(values('scheduler=ddim,euler')).toEqual(['ddim', 'euler']);
  });

  it.each([
    ['steps', '--grid: must be NAME=VALUE,VALUE…, got "steps"'],
    ['step=4', '--grid: there is no such option (nearest: steps), got "step"'],
    ['steps=many', 'steps: '],
    ['steps=0', 'steps: '],
    ['image=a.png', '--grid: there is no such option'],
    ['seed=1..100000', '--grid: an axis may have 1000 values'],
  ])('%s is refused in one line', (written, message) => {
    expect(() => parseAxis(written)).toThrow(message);
  });
});

describe('wildcards', () => {
  it('are drawn by the seed, from files that may lead to others', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'things'));
    await stored('animal.txt', '\uFEFF# animals\n__things/pet__\r\n\n', folder);
    await stored('things/pet.txt', 'cat\ndog\nhamster\n', folder);
    const wildcards = new Wildcards(folder);
    const drawn = await Promise.all(Array.from({ length: 24 }, (_, seed) => wildcards.drawn('a __animal__', seed)));
    expect(new Set(drawn)).toEqual(new Set(['a cat', 'a dog', 'a hamster']));
    expect(await wildcards.drawn('a __animal__', 5)).toBe(drawn[5]);
    expect(await wildcards.drawn('snake__case, __', 5)).toBe('snake__case, __');
  });

  it('that have no file, no line, or no end are named', async () => {
    const folder = await temporaryFolder();
    await stored('animal.txt', '# nothing\n', folder);
    await stored('loop.txt', '__loop__\n', folder);
    const wildcards = new Wildcards(folder);
    await expect(wildcards.drawn('__animals__', 1)).rejects.toThrow('nearest: animal');
    await expect(wildcards.drawn('__animal__', 1)).rejects.toThrow('animal.txt has no line');
    await expect(wildcards.drawn('__loop__', 1)).rejects.toThrow('8 deep, got "loop"');
    await expect(new Wildcards('no/such').drawn('__a__', 1)).rejects.toThrow('--wildcards: must be a folder');
  });
});

describe('a list of prompts', () => {
  it('has a text or an object in each line', async () => {
    const path = await stored(
      'list.jsonl',
      '\uFEFFa cat\r\n# no\n\n"a \\"dog\\""\n{"prompt":"a fox","steps":4,"guidance":2}\n{red|blue} cats\n',
    );
    expect(await readPromptList(path)).toEqual([
      { prompt: 'a cat' },
      { prompt: 'a "dog"' },
      { prompt: 'a fox', steps: 4, guidanceScale: 2 },
      { prompt: '{red|blue} cats' },
    ]);
  });

  it.each([
    ['a\n{"prompt": 3}', 'line 2: must have a text under "prompt"'],
    ['{"prompt":"a","stepz":4}', 'line 1: there is no such option (nearest: steps), got "stepz"'],
    ['{"prompt":"a","steps":"4"}', 'line 1: steps '],
    ['{"prompt":"a"', 'line 1'],
    ['# nothing', 'must hold at least one prompt'],
  ])('%j is refused with its line', async (text, message) => {
    await expect(readPromptList(await stored('list.jsonl', text))).rejects.toThrow(message);
  });

  it('must be there', async () => {
    await expect(readPromptList('no/such.txt')).rejects.toThrow('--prompts: no such file, got "no/such.txt"');
  });
});

describe('the plan of a batch', () => {
  it('has every prompt with every combination of values, under what sets it apart', async () => {
    const { items, columns } = await planBatch(
      { prompt: 'a {red|blue} cat', seed: 7 },
      { matrix: true, grid: ['steps=4,8', 'guidance=1,2,3'] },
    );
    expect(columns).toBe(3);
    expect(items).toHaveLength(12);
    expect(items[0]).toEqual({
      label: 'red, steps 4, guidance 1',
      options: { prompt: 'a red cat', seed: 7, steps: 4, guidanceScale: 1 },
    });
    expect(items.at(-1)!.label).toBe('blue, steps 8, guidance 3');
  });

  it('draws one seed for all where -1 asks for it, and takes those of an axis', async () => {
    const drawn = await planBatch({ prompt: 'a', seed: -1 }, { grid: ['steps=4,8'] });
    expect(drawn.items[0]!.options.seed).toBe(drawn.items[1]!.options.seed);
    expect(drawn.items[0]!.options.seed).toBeGreaterThanOrEqual(0);
    const seeds = await planBatch({ prompt: 'a' }, { grid: ['seed=1..3'] });
    expect(seeds.items.map(({ options }) => options.seed)).toEqual([1, 2, 3]);
  });

  it('refuses counts, an option twice, and more images than anybody waits for', async () => {
    const grid = ['steps=4,8'];
    await expect(planBatch({ prompt: 'a', count: 2 }, { grid })).rejects.toThrow('--grid seed=1..4');
    await expect(planBatch({ prompt: 'a' }, { grid: [...grid, ...grid] })).rejects.toThrow('names an option twice');
    const many = ['seed=1..1000', 'steps=1..50'];
    await expect(planBatch({ prompt: 'a' }, { grid: many })).rejects.toThrow('10000 images, and this has 50000');
  });
});

describe('generate for several images', () => {
  it('paints each into a file of its own and all onto a sheet, and goes on where it was stopped', async () => {
    const model = await networkModel();
    const out = join(await temporaryFolder(), 'cat.png');
    const argv = ['generate', 'a {red|blue} cat', '--matrix', '--grid', 'steps=1,2', 'guidance=1', '--model', model];
    const first = await runCaptured([...argv, '--out', out]);
    const path = (name: string): string => out.replace('cat.png', name);
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.results.map((line) => line.split(' (')[0])).toEqual([
      ...[1, 2, 3, 4].map((k) => path(`cat-${k}.png`)),
      path('cat-grid.png'),
    ]);
    const settings = await Promise.all(
      [1, 4].map(async (k) => parseParameters((await readImageInformation(path(`cat-${k}.png`))).parameters!)),
    );
    expect(settings.map(({ prompt }) => prompt)).toEqual(['a red cat', 'a blue cat']);
    expect(settings.map(({ values }) => values.Steps)).toEqual(['1', '2']);
    await rm(path('cat-2.png'));
    const second = await runCaptured([...argv, '--out', out]);
    expect(second.results.map((line) => line.split(' (')[0])).toEqual([path('cat-2.png'), path('cat-grid.png')]);
    expect(second.notes).toContain('note: 3 of 4 images had been painted with these settings before, and were kept');
  });

  it('takes its prompts from a file, and says what does not go together', async () => {
    const model = await networkModel();
    const folder = await temporaryFolder();
    const list = await stored('list.txt', 'a cat\n{"prompt": "a dog", "seed": 9}\n', folder);
    const argv = [
      'generate',
      '--prompts',
      list,
      '--steps',
      '1',
      '--model',
      model,
      '--out',
      join(folder, 'x.png'),
      '--json',
    ];
    const { exitCode, results } = await runCaptured(argv);
    expect(exitCode).toBe(0);
    const painted = results.slice(0, 2).map((line) => JSON.parse(line) as { prompt: string; seed: number });
    expect(painted.map(({ prompt, seed }) => [prompt, seed])).toEqual([
      ['a cat', 0],
      ['a dog', 9],
    ]);
    expect((await runCaptured(['generate', 'a cat', '--prompts', list])).notes).toEqual([
      'error: generate: takes a prompt or --prompts, not both (accepted: lascaux generate "a cat")',
    ]);
  });
});
