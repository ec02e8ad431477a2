import { chmod, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { denoiserTrainingDefaults } from '@lascaux/diffusion/train';
import { checkpoint, temporaryFolder, tinyModel } from '@lascaux/model-fixtures';
import { bundledModelFolder, openModelFolder, writeKnownWords } from '@lascaux/models';
import { defaultsOf } from '@lascaux/pipeline';
import { parseParameters, readPngTexts } from '@lascaux/pipeline/image';
import { clipTrainingDefaults, defaultVisionConfig } from '@lascaux/text-encoder/train';
import { vaeTrainingDefaults } from '@lascaux/vae/train';
import { beforeAll, describe, expect, it } from 'vitest';
import { trainDefaults } from '../src/commands/train-defaults.js';
import { runCaptured } from './support/captured-terminal.js';

let model: string;
let folder: string;
beforeAll(async () => {
  model = await tinyModel();
  folder = await temporaryFolder();
});

const generate = (...argv: string[]) => runCaptured(['generate', ...argv]);
const paint = (...argv: string[]) => generate('a cat', '--model', model, ...argv);

describe('generate', () => {
  it('writes a picture with its settings and prints one line', async () => {
    const out = join(folder, 'cat.png');
    const run = await paint('--out', out, '--seed', '7', '--negative', 'a dog');
    expect(run).toEqual({ exitCode: 0, notes: [], results: [`${out} (8x8, seed 7)`] });
    const { parameters = '' } = readPngTexts(await readFile(out));
    expect(parseParameters(parameters)).toMatchObject({
      prompt: 'a cat',
      negativePrompt: 'a dog',
      values: { Steps: '3', Sampler: 'ddim', 'CFG scale': '2', Seed: '7', Size: '8x8' },
    });
  });

  it('gives the same bytes for the same seed, and picture k of several for seed + k', async () => {
    const [first, again, single] = ['a.png', 'b.png', 'single.png'].map((name) => join(folder, name));
    await paint('--out', first!, '--count', '3', '--seed', '4');
    await paint('--out', again!, '--count', '3', '--seed', '4');
    await paint('--out', single!, '--seed', '6');
    const read = (name: string) => readFile(join(folder, name));
    expect(await read('a-3.png')).toEqual(await read('b-3.png'));
    expect(await read('a-3.png')).toEqual(await read('single.png'));
    expect(await read('a-1.png')).not.toEqual(await read('a-2.png'));
  });

  it('prints one JSON object', async () => {
    const out = join(folder, 'json.webp');
    const { results, exitCode } = await paint('--out', out, '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(results.join('\n'))).toMatchObject({
      images: [{ path: out, seed: 0, width: 8, height: 8 }],
      prompt: 'a cat',
      steps: 3,
      guidanceScale: 2,
      sampler: 'ddim',
      device: 'cpu',
    });
  });

  it('writes what differs from the defaults into the picture, and reads it back', async () => {
    const out = join(folder, 'flags.png');
    const run = await paint('--out', out, '--guidance-rescale', '0.5', '--prompt-syntax', 'plain');
    expect(run.exitCode).toBe(0);
    const { results } = await runCaptured(['info', out, '--json']);
    expect(JSON.parse(results[0]!)).toMatchObject({ values: { 'Guidance rescale': '0.5', Emphasis: 'None' } });
  });

  it('draws a seed for -1 and prints it', async () => {
    const { results } = await paint('--out', join(folder, 'r.png'), '--seed', '-1', '--json');
    const [image] = (JSON.parse(results[0]!) as { images: { seed: number }[] }).images;
    expect(image!.seed).toBeGreaterThanOrEqual(0);
    expect(image!.seed).toBeLessThan(2 ** 32);
  });

  it.each(['', '🐱 a 一只猫', `${'word '.repeat(10_000)}`])('takes any prompt', async (prompt) => {
    const run = await generate(prompt, '--model', model, '--out', join(folder, 'any.png'));
    expect(run.exitCode).toBe(0);
    expect(run.notes).toEqual([]);
  });

  it('says what was left out where a prompt is one sequence', async () => {
    const { notes } = await generate(
      'word '.repeat(50),
      '--model',
      model,
      '--out',
      join(folder, 'any.png'),
      '--prompt-syntax',
      'plain',
    );
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^note: prompt: \d+ tokens did not fit and were left out$/);
  });

  it.each([
    [['--steps', '0'], '--steps: must be a whole number from 1 to 1000, got "0"'],
    [['--steps', 'ten'], '--steps: must be a whole number from 1 to 1000, got "ten"'],
    [['--width', '63'], '--width: must be a multiple of 2 for this model, got 63 (accepted: 62, 64)'],
    [['--height', '99999'], '--height: must be a whole number from 8 to 2048, got "99999"'],
    [['--guidance', 'NaN'], '--guidance: must be a number from 0 to 100, got "NaN"'],
    [['--guidance', '0x10'], '--guidance: must be a number from 0 to 100, got "0x10"'],
    [['--seed', '-2'], '--seed: must be a whole number from -1 to 9007199254740991, got "-2"'],
    [['--count', '0'], '--count: must be a whole number from 1 to 10000, got "0"'],
    [
      ['--out', 'cat.gif'],
      '--out: the file\'s extension must name a picture format, got "cat.gif" (accepted: .png, .jpg, .jpeg, .webp)',
    ],
    [['--out', '/no/such/folder/cat.png'], '--out: the folder must exist, got "/no/such/folder"'],
    [['--device', 'abacus'], '--device: '],
    [['--image', 'x.png'], '--image: no such file, got "x.png"'],
    [
      ['--seed', '9007199254740991', '--count', '2'],
      '--seed: every image must have a seed below 2^53, got 9007199254740991',
    ],
    [['--strength', '0.5'], '--strength: needs the option image, got 0.5'],
    [['--mask', 'm.png'], '--mask: needs the option image, got "m.png"'],
    [['--clip-skip', '0'], '--clip-skip: must be a whole number from 1 to 12, got "0"'],
    [['--clip-skip', '2'], "text_encoder: clip skip takes an earlier layer's states"],
    [['--guidance-rescale', '2'], '--guidance-rescale: must be a number from 0 to 1, got "2"'],
    [['--prompt-syntax', 'x'], '--prompt-syntax: must be one of these, got "x" (accepted: a1111, plain)'],
    [['--original-size', '3'], '--original-size: must be two whole numbers, got "3" (accepted: such as 512x384)'],
    [['--crop', '1,2'], '--crop: has no meaning for Stable Diffusion'],
    [['--flavour'], "unknown option '--flavour'"],
    [['--steps'], "option '--steps <n>' argument missing"],
  ])('answers %j with one line and exit code 2', async (argv, message) => {
    const run = await paint('--out', join(folder, 'never.png'), ...argv);
    expect(run.exitCode).toBe(2);
    expect(run.results).toEqual([]);
    expect(run.notes).toHaveLength(1);
    expect(run.notes[0]).not.toContain('\n');
    expect(run.notes[0]).toContain(`error: ${message}`);
    expect(await readdir(folder)).not.toContain('never.png');
  });

  it('answers an unknown scheduler with the list', async () => {
    const run = await paint('--scheduler', 'magic');
    expect(run.exitCode).toBe(2);
    expect(run.notes[0]).toMatch(/^error: --scheduler: must be a known sampler, got "magic" \(accepted: .*ddim.*\)$/);
  });

  it('needs a prompt, and a command', async () => {
    expect(await generate('--model', model)).toMatchObject({
      exitCode: 2,
      notes: ['error: generate: needs a prompt (accepted: lascaux generate "a cat")'],
    });
    const accepted = '(accepted: generate, serve, studio, mcp, train, evaluate, pull, convert, info, help)';
    expect((await runCaptured(['paint'])).notes).toEqual([`error: lascaux: no such command, got "paint" ${accepted}`]);
    const metrics = '(accepted: fid, kid, is, prc, clip, cmmd, accuracy, nll)';
    expect(await runCaptured(['evaluate', 'beauty', 'a', '--json'])).toMatchObject({
      exitCode: 2,
      notes: [`error: evaluate: no such command, got "beauty" ${metrics}`],
    });
    expect((await runCaptured(['evaluate', '--help'])).exitCode).toBe(0);
  });

  it.each([
    [['genrate', 'a cat'], 'error: lascaux: no such command (did you mean generate?), got "genrate"'],
    [['evaluate', 'fdi', 'a'], 'error: evaluate: no such command (did you mean fid?), got "fdi"'],
    [['help', 'train', 'vea'], 'error: train: no such command (did you mean vae?), got "vea"'],
    [['generate', 'a cat', '--stesp', '3'], "error: unknown option '--stesp' (Did you mean --steps?)"],
    [['generate', 'a', 'cat', '--steps', '3'], 'got "a cat" (accepted: generate "a cat")'],
    [['generate', 'a', '$5', 'cat'], 'got "a $5 cat" (accepted: generate \'a $5 cat\')'],
    [['info', 'my', 'cat.png'], 'error: info: words that belong together need quotes, got "my cat.png"'],
  ])('tells what %j mistook', async (argv, message) => {
    const run = await runCaptured(argv);
    expect(run).toMatchObject({ exitCode: 2, results: [], notes: [expect.stringContaining(message)] });
  });

  it.each([
    [[], 'Usage: lascaux [options] [command]'],
    [['train'], 'Usage: lascaux train [options] [command]'],
    [['evaluate'], 'Usage: lascaux evaluate [options] [command]'],
  ])('answers %j, which asks for nothing, with the usage', async (argv, usage) => {
    const run = await runCaptured(argv);
    expect(run).toMatchObject({ exitCode: 2, results: [], notes: [expect.stringContaining(usage)] });
  });

  it('names words that the model says it has not learned, with a known one that is spelled almost alike', async () => {
    const knowing = await tinyModel({});
    await writeKnownWords(
      knowing,
      new Map([
        ['a', ''],
        ['elephant', 'elephant'],
        ['kitten', 'cat'],
      ]),
    );
    const flags = ['--model', knowing, '--out', join(folder, 'words.png')];
    const run = await generate('a quasar, a kitten', ...flags, '--negative', 'elephan');
    expect(run).toMatchObject({
      exitCode: 0,
      notes: [
        'note: prompt: "quasar" is not among the words this model learned',
        'note: --negative: "elephan" is not among the words this model learned (nearest: "elephant")',
      ],
    });
    const { results } = await generate('a quasar', ...flags, '--json');
    expect(JSON.parse(results[0]!)).toMatchObject({
      notes: ['prompt: "quasar" is not among the words this model learned'],
    });
    expect((await generate('a kitten', ...flags)).notes).toEqual([]);
    expect((await runCaptured(['info', knowing, '--words'])).results).toEqual(['a\nelephant → elephant\nkitten → cat']);
    const { results: listed } = await runCaptured(['info', knowing, '--words', '--json']);
    expect(JSON.parse(listed[0]!)).toEqual({ a: '', elephant: 'elephant', kitten: 'cat' });
    expect(await runCaptured(['info', model, '--words'])).toMatchObject({
      exitCode: 2,
      notes: [expect.stringContaining('--words: this model has no list of words')],
    });
  });

  it.each([
    [['--width', '16'], 'note: 16x8: MODEL was trained at 8x8; other sizes come out worse'],
    [
      ['--scheduler', 'heun', '--steps', '20'],
      'note: --scheduler: heun in 20 steps paints noise with the noise schedule of MODEL, as in diffusers; take 50 steps, or heun-karras with 20',
    ],
  ])('notes what %j does badly with this model', async (argv, note) => {
    const cosine = await tinyModel({ scheduler: { beta_schedule: 'squaredcos_cap_v2' } });
    const out = join(folder, 'noted.png');
    const flags = ['--model', cosine, '--out', out, ...argv];
    const run = await generate('a cat', ...flags);
    expect(run).toMatchObject({ exitCode: 0, notes: [note.replace('MODEL', basename(cosine))] });
    const { results } = await generate('a cat', ...flags, '--json');
    expect(JSON.parse(results[0]!)).toMatchObject({ notes: run.notes.map((line) => line.replace('note: ', '')) });
  });

  it.each([
    ['--scheduler', 'heun', '--steps', '50'],
    ['--scheduler', 'heun-karras', '--steps', '20'],
    ['--width', '8', '--height', '8'],
  ])('notes nothing about %s %s %s %s', async (...argv) => {
    const cosine = await tinyModel({ scheduler: { beta_schedule: 'squaredcos_cap_v2' } });
    expect((await generate('a cat', '--model', cosine, '--out', join(folder, 'quiet.png'), ...argv)).notes).toEqual([]);
  });

  it('refuses a folder, or a file that is read-only', async () => {
    await mkdir(join(folder, 'taken.png'));
    expect((await paint('--out', join(folder, 'taken.png'))).notes[0]).toContain('must be a file, not a folder');
    if (process.getuid?.() === 0) return; // root may write everywhere
    const locked = join(folder, 'locked');
    await mkdir(locked);
    await chmod(locked, 0o555);
    expect((await paint('--out', join(locked, 'x.png'))).notes[0]).toContain('the folder must be writable');
  });

  it('shows a stack only with --debug', async () => {
    expect((await paint('--steps', '0', '--debug')).notes[0]).toContain('\n    at ');
  });

  it('stops on Ctrl-C with exit code 130 and leaves no file behind', async () => {
    const controller = new AbortController();
    controller.abort();
    const out = join(await temporaryFolder(), 'cat.png');
    const run = await runCaptured(['generate', 'a cat', '--model', model, '--out', out], controller.signal);
    expect(run).toEqual({ exitCode: 130, results: [], notes: ['interrupted'] });
    expect(await readdir(join(out, '..'))).toEqual([]);
  });
});

describe('models that do not run yet', () => {
  it('are named with the command that converts them', async () => {
    const { folder: diffusers } = await checkpoint();
    const convert = (from: string) => `npx lascaux convert ${from} --out ${from.replace(/\.pth$/, '')}-onnx`;
    const whole = await generate('a cat', '--model', diffusers, '--out', join(folder, 'x.png'));
    expect(whole).toMatchObject({
      exitCode: 2,
      notes: [
        `error: --model: holds weights and no graphs; make a folder that runs with: ${convert(diffusers)}, got "${diffusers}"`,
      ],
    });
    const vae = join(diffusers, 'vae');
    expect((await paint('--vae', vae)).notes[0]).toContain(
      `--vae: holds weights and no graphs; make a folder that runs with: ${convert(vae)}`,
    );
    const file = join(folder, 'taesd_decoder.pth');
    await writeFile(file, 'x');
    expect((await paint('--vae', file)).notes[0]).toContain(convert(file));
    const training = ['train', 'denoiser', '--data', 'data', '--out', join(folder, 'run'), '--text-encoder', model];
    await mkdir(join(folder, 'images'));
    await writeFile(join(folder, 'images', 'a.png'), await readFile(join(folder, 'cat.png')));
    await writeFile(join(folder, 'images', 'a.txt'), 'a cat');
    const trained = await runCaptured([...training.with(3, join(folder, 'images')), '--vae', diffusers]);
    expect(trained.notes.join('\n')).toContain(
      `--vae: holds weights and no graphs; make a folder that runs with: ${convert(diffusers)}`,
    );
  });
});

describe('broken models', () => {
  const attempt = async (broken: string) => {
    const out = join(await temporaryFolder(), 'cat.png');
    const run = await generate('a cat', '--model', broken, '--out', out);
    expect(run.notes).toHaveLength(1);
    expect(run.notes[0]).not.toContain('\n');
    expect(await readdir(join(out, '..'))).toEqual([]);
    return `${run.exitCode} ${run.notes[0]}`;
  };

  it('names a folder that does not exist', async () => {
    expect(await attempt('/no/model')).toMatch(/^2 error: --model: no such model folder, got "\/no\/model"/);
  });

  it('names a part that model_index.json promises but the folder lacks', async () => {
    const broken = await tinyModel();
    await rm(join(broken, 'unet'), { recursive: true });
    expect(await attempt(broken)).toContain(`1 error: model: part unet is missing, got "${join(broken, 'unet')}"`);
  });

  it('names a graph that is missing or truncated', async () => {
    const broken = await tinyModel();
    const graph = join(broken, 'vae_decoder', 'model.onnx');
    await writeFile(graph, (await readFile(graph)).subarray(0, 200));
    expect(await attempt(broken)).toContain(`1 error: ${graph}: ONNX Runtime cannot load it`);
    await rm(graph);
    expect(await attempt(broken)).toContain(`part vae_decoder must hold its graph, got "${graph}"`);
  });

  it('names a JSON file that is malformed', async () => {
    const broken = await tinyModel();
    await writeFile(join(broken, 'model_index.json'), '{"unet": [');
    expect(await attempt(broken)).toContain(`1 error: ${join(broken, 'model_index.json')}: must be valid JSON`);
    const misspelt = await tinyModel({ index: { _lascaux: { stepz: 3 } } });
    expect(await attempt(misspelt)).toContain('_lascaux: Unrecognized key: "stepz"');
  });

  it('reports weights that are not numbers, before any file is written', async () => {
    expect(await attempt(await tinyModel({ weight: Number.NaN }))).toContain('1 error: denoiser, step 1 of 3');
  });
});

describe('info', () => {
  it('reads settings back from a picture', async () => {
    const out = join(folder, 'info.png');
    await paint('--out', out, '--seed', '9');
    const { results } = await runCaptured(['info', out, '--json']);
    expect(JSON.parse(results[0]!)).toMatchObject({ width: 8, height: 8, prompt: 'a cat', values: { Seed: '9' } });
    expect((await runCaptured(['info', out])).results[0]).toContain('prompt: a cat\n');
  });

  it('describes a model folder', async () => {
    const { results, exitCode } = await runCaptured(['info', model]);
    expect(exitCode).toBe(0);
    expect(results[0]).toContain('class: StableDiffusionPipeline\n');
    expect(results[0]).toMatch(/unet: \d+\.\d\d MB/);
    expect(results[0]).toContain('steps: 3');
  });

  it('says when there is nothing', async () => {
    expect(await runCaptured(['info', '/no/such.png'])).toMatchObject({ exitCode: 2 });
  });

  it('names a file that is no whole picture', async () => {
    const whole = join(folder, 'whole.png');
    await paint('--out', whole);
    const png = await readFile(whole);
    for (const [name, bytes] of [
      ['empty.png', png.subarray(0, 0)],
      ['short.png', png.subarray(0, png.length - 20)],
      ['text.png', Buffer.from('no picture')],
    ] as const) {
      const path = join(folder, name);
      await writeFile(path, bytes);
      const { exitCode, notes } = await runCaptured(['info', path]);
      expect(exitCode).toBe(1);
      expect(notes).toEqual([expect.stringMatching(/^error: read picture: /)]);
      expect(notes[0]).toContain(`got "${path}"`);
    }
  });
});

describe('help and version', () => {
  it('go to standard output with exit code 0', async () => {
    const help = await runCaptured(['generate', '--help']);
    expect(help.exitCode).toBe(0);
    expect(help.results.join('\n')).toContain('--negative <text>');
    expect(await runCaptured(['--version'])).toEqual({ exitCode: 0, notes: [], results: ['0.0.0'] });
  });

  it.each([
    [['help'], ['--help']],
    [
      ['help', 'train', 'vae'],
      ['train', 'vae', '--help'],
    ],
    [
      ['train', 'help', 'vae'],
      ['train', 'vae', '--help'],
    ],
  ])('%j prints what %j does', async (first, second) => {
    const help = await runCaptured(first);
    expect(help).toMatchObject({ exitCode: 0, notes: [] });
    expect(help).toEqual(await runCaptured(second));
  });

  it('of a training says the defaults that the trainers have', () => {
    const { vae, 'text-encoder': clip, denoiser } = trainDefaults;
    const words = (values: object) =>
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value === Infinity ? 'none' : `${value}`]));
    const { size, ...numbers } = vae;
    expect({ ...numbers, size: size.split(' ').at(-1) }).toEqual(words(vaeTrainingDefaults));
    expect(clip).toEqual({ ...words(clipTrainingDefaults), size: `${defaultVisionConfig.image_size}` });
    expect(denoiser).toMatchObject(words(denoiserTrainingDefaults));
  });

  it('leaves no option of a training without its default', async () => {
    for (const part of Object.keys(trainDefaults)) {
      const text = (await runCaptured(['train', part, '--help'])).results.join('\n');
      const options = text.split(/\n {2}(?=-)/).slice(1);
      const silent = options.filter((option) => / <\w+> /.test(option) && !option.includes('default:'));
      expect(silent.map((option) => option.split(' ')[0]).sort()).toEqual(
        ['--config', '--data', '--out', ...(part === 'denoiser' ? ['--text-encoder', '--vae'] : [])].sort(),
      );
    }
  });

  it("of painting says the bundled model's settings", async () => {
    const { results } = await runCaptured(['generate', '--help']);
    const { steps, guidanceScale } = defaultsOf(await openModelFolder(bundledModelFolder()!));
    expect(results.join('\n')).toContain(`Defaults of lascaux-mini: steps ${steps}, guidance ${guidanceScale}, `);
  });
});

describe('train', () => {
  it('checks its flags before a trainer is loaded', async () => {
    const missing = await runCaptured(['train', 'vae', '--out', folder]);
    expect(missing).toMatchObject({ exitCode: 2, notes: ["error: required option '--data <dir>' not specified"] });
    const size = await runCaptured(['train', 'vae', '--data', 'x', '--out', folder, '--batch-size', '0']);
    expect(size.notes[0]).toContain('--batch-size: must be a whole number from 1 to 65536, got "0"');
    expect((await runCaptured(['train', 'everything'])).exitCode).toBe(2);
  });
});
