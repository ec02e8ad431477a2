import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writePng } from '@lascaux/data';
import {
  featureMatrixFromRows,
  frechetDistance,
  inceptionLayers,
  readFeatures,
  readMoments,
  writeFeatures,
} from '@lascaux/evaluator';
import { randomStream, sizeOf, writeSafetensors } from '@lascaux/nn';
import { encodeModel } from '@lascaux/nn/onnx';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCaptured } from './support/captured-terminal.js';

const SIDE = 8;
const COUNT = 3;
/** Milliseconds: the network's first layers take half a second a picture on a machine that does much else. */
const PATIENCE = 90_000;
let root = '';
let weights = '';
const folder = (name: string): string => join(root, name);

/** Pictures of seeded noise around a level. */
async function writePictures(name: string, level: number): Promise<Uint8Array[]> {
  await mkdir(folder(name), { recursive: true });
  const random = randomStream(level);
  const pictures = Array.from({ length: COUNT }, () =>
    Uint8Array.from(random.normal(3 * SIDE * SIDE), (value) => Math.min(Math.max(level + 30 * value, 0), 255)),
  );
  for (const [i, bytes] of pictures.entries())
    await writePng(join(folder(name), `${i}.png`), bytes, { height: SIDE, width: SIDE });
  return pictures;
}

/** A trunk with random weights that ends at the first 64 features. */
async function writeTrunk(path: string): Promise<void> {
  const random = randomStream(1);
  const tensors = inceptionLayers(64).flatMap(({ graphName, shape }) => {
    const fanIn = sizeOf(shape.slice(1));
    const data = random.normal(sizeOf(shape)).map((value) => value * Math.sqrt(2 / fanIn)) as Float32Array;
    const bias = new Float32Array(shape[0] ?? 0);
    return [
      [`${graphName}.weight`, { dtype: 'F32', shape, data }],
      [`${graphName}.bias`, { dtype: 'F32', shape: shape.slice(0, 1), data: bias }],
    ] as const;
  });
  await writeSafetensors(path, Object.fromEntries(tensors));
}

/** A classifier of two classes: the mean of a picture, and minus it, the dark class first. */
async function writeBrightness(directory: string): Promise<string> {
  const node = (type: string, inputs: readonly string[], output: string) => ({
    type,
    inputs,
    outputs: [output],
    attributes: {},
  });
  const int64 = (name: string, ...values: bigint[]) => {
    const data = BigInt64Array.from(values);
    return { name, dtype: 'int64', shape: [values.length], source: { data } } as const;
  };
  const signs = { name: 'signs', dtype: 'float32', shape: [1, 2], source: { data: Float32Array.of(-1, 1) } } as const;
  const model = encodeModel({
    nodes: [
      node('ReduceMean', ['pixels', 'axes'], 'mean'),
      node('Reshape', ['mean', 'column'], 'level'),
      node('Mul', ['level', 'signs'], 'scores'),
    ],
    initializers: [int64('axes', 1n, 2n, 3n), int64('column', -1n, 1n), signs],
    inputs: [{ name: 'pixels', dtype: 'float32', shape: ['batch', 3, SIDE, SIDE] }],
    outputs: [{ name: 'scores', dtype: 'float32', shape: ['batch', 2] }],
  });
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'model.onnx'), model);
  return join(directory, 'model.onnx');
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lascaux-evaluate-'));
  weights = join(root, 'trunk.safetensors');
  await writeTrunk(weights);
  await writePictures('dark', 60);
  const light = await writePictures('light', 180);
  await mkdir(folder('sprites'));
  await writePng(join(folder('sprites'), 'light.png'), Buffer.concat(light), { height: COUNT, width: SIDE * SIDE });
});
afterAll(() => rm(root, { recursive: true, force: true }));

const network = () => ['--weights', weights, '--dims', '64', '--threads', '1', '--cache', folder('cache')];
const evaluate = (...argv: string[]) => runCaptured(['evaluate', ...argv]);
const json = async (...argv: string[]): Promise<Record<string, unknown>> => {
  const { results, notes, exitCode } = await evaluate(...argv, '--json');
  expect(notes).toEqual([]);
  expect(exitCode).toBe(0);
  return JSON.parse(results.join('')) as Record<string, unknown>;
};

/** The same pixels as a PPM file. */
const asPpm = async (png: string): Promise<Buffer> => {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  return Buffer.concat([Buffer.from(`P6 ${info.width} ${info.height} 255\n`), data]);
};

describe('evaluate fid', { timeout: PATIENCE }, () => {
  it('is that of the features, however the sets are given, and reads no picture twice', async () => {
    const sets = [folder('dark'), folder('light')];
    const first = await evaluate('fid', ...sets, ...network(), '--min', '2', '--batch-size', '2');
    expect(first.notes).toEqual([
      `${folder('dark')}: ${COUNT} images`,
      `${folder('light')}: ${COUNT} images`,
      expect.stringContaining(`dark: ${COUNT} pictures, 0 of them known from the cache, ${COUNT} files read`),
      expect.stringContaining(`light: ${COUNT} pictures, 0 of them known from the cache, ${COUNT} files read`),
    ]);
    expect(first.exitCode).toBe(0);
    expect(first.results[0]).toMatch(/^FID-64 {2}[\d.]+\nA: .*dark \(folder, 3 pictures\)\n/);
    expect(first.results[0]).toContain('convention: pytorch-fid (bilinear');

    const saved = [join(root, 'dark.npz'), join(root, 'light.npy')] as const;
    const dark = await evaluate('fid', folder('dark'), '--save', saved[0], ...network());
    expect(dark.notes[1]).toContain(`${COUNT} of them known from the cache, 0 files read`);
    await json('fid', folder('light'), '--save', saved[1], ...network());
    const features = await readFeatures(saved[1]);
    expect([features.rows, features.columns]).toEqual([COUNT, 64]);
    expect((await readMoments(saved[0])).count).toBe(COUNT);

    const { fid } = await json('fid', ...sets, ...network(), '--min', '2');
    const fromFiles = await json('fid', ...saved, '--min', '2');
    expect(fromFiles.fid).toBeCloseTo(fid as number, 8);
    const sprites = await json('fid', saved[0], folder('sprites'), '--sprites', ...network(), '--min', '2');
    expect(sprites.fid).toBeCloseTo(fid as number, 8);
    await json('fid', folder('dark'), '--save', join(root, 'dark.npy'), ...network());
    const expected = frechetDistance(await readFeatures(join(root, 'dark.npy')), features);
    expect(fid).toBeCloseTo(expected, 8);
  });

  it('depends on the convention, and says which', async () => {
    const path = join(root, 'clean.npy');
    const { extractor } = await json('fid', folder('dark'), '--save', path, ...network(), '--convention', 'clean');
    expect(extractor).toMatchObject({ name: 'inception-64-clean-fid' });
    const distances = await json('fid', path, folder('dark'), ...network(), '--min', '2');
    expect(distances.fid).toBeGreaterThan(1e-6);
  });

  it.each([
    [['dark', 'light'], 'dark: at least 2048 pictures are needed (FID of few pictures is mostly bias), got 3', 2],
    [['dark', 'nowhere', '--min', '2'], 'evaluate: no such file or folder', 2],
    [['dark'], 'fid: needs two sets, or --save FILE', 2],
    [['dark', '--save', 'x.txt'], '--save: must end in .npz (statistics) or .npy (features)', 2],
    [['dark', 'light', '--min', '2', '--dims', '2048'], 'have no layers for that many, got 2048 (accepted: 64)', 2],
    [['dark', 'light', '--convention', 'other'], 'It must be one of torch, clean, tf1', 2],
    [
      ['dark', 'light', '--min', '2', '--device', 'abacus'],
      '--device: this ONNX Runtime has no such execution provider',
      2,
    ],
  ])('refuses %j', async ([a = '', ...rest], message, code) => {
    const [b, ...flags] = rest;
    const paths = b === undefined || b.startsWith('-') ? rest : [folder(b), ...flags];
    const { notes, results, exitCode } = await evaluate('fid', folder(a), ...network(), ...paths);
    expect(results).toEqual([]);
    expect(notes.at(-1)).toContain(message);
    expect(exitCode).toBe(code);
  });

  it('lists every bad picture before it fails, or leaves them out', async () => {
    const bad = folder('bad');
    await writePictures('bad', 60);
    await writeFile(join(bad, 'cut.png'), (await readFile(join(bad, '0.png'))).subarray(0, 60));
    await writeFile(join(bad, 'text.jpg'), 'no picture');
    const run = await evaluate('fid', bad, folder('light'), ...network(), '--min', '2');
    expect(run.results).toEqual([]);
    expect(run.exitCode).toBe(1);
    expect(run.notes.filter((note) => note.startsWith('bad: '))).toEqual([
      expect.stringContaining('cut.png: must be a whole picture file'),
      expect.stringContaining('text.jpg: must be a whole image file'),
    ]);
    expect(run.notes.at(-1)).toContain('every picture must be readable');
    const skipped = await evaluate('fid', bad, folder('light'), ...network(), '--min', '2', '--skip-bad');
    expect(skipped.exitCode).toBe(0);
    expect(skipped.results[0]).toContain('bad (folder, 3 pictures, 2 skipped)');
    const few = await evaluate('fid', bad, folder('light'), ...network(), '--min', '4', '--skip-bad');
    expect([few.results, few.exitCode]).toEqual([[], 2]);
  });
});

describe('files of other dimensions', () => {
  it('are refused before a picture is read', async () => {
    await writeFeatures(join(root, 'narrow.npy'), featureMatrixFromRows([[1], [2], [4]]));
    const run = await evaluate('fid', join(root, 'narrow.npy'), folder('light'), ...network(), '--min', '2');
    expect(run).toMatchObject({ exitCode: 2, results: [] });
    expect(run.notes.at(-1)).toContain(
      'narrow.npy: must have as many dimensions as the other set, got 1 (accepted: 64)',
    );
  });
});

describe('a cache that cannot be written', { timeout: PATIENCE }, () => {
  it('is refused, and the process ends', async () => {
    await writeFile(join(root, 'file'), '');
    const flags = network().map((value) => (value === folder('cache') ? join(root, 'file', 'cache') : value));
    const argv = ['evaluate', 'fid', folder('dark'), folder('light'), '--min', '2', ...flags];
    const program = fileURLToPath(new URL('support/command-process.ts', import.meta.url));
    const source = ['--conditions=@lascaux/source', '--import', 'tsx', program];
    const run = promisify(execFile)(process.execPath, [...source, ...argv], { timeout: PATIENCE });
    const stderr = expect.stringContaining('--cache: cannot write there (ENOTDIR); --no-cache') as string;
    await expect(run).rejects.toMatchObject({ code: 2, stderr });
  });
});

describe('evaluate kid, prc', { timeout: PATIENCE }, () => {
  it('gives them over features of pictures or of files', async () => {
    const pair = [folder('dark'), folder('light'), ...network()];
    const { kid } = await json('kid', ...pair, '--subsets', '5', '--subset-size', '3');
    expect(kid).toBeGreaterThan(0);
    const same = await json('prc', folder('dark'), folder('dark'), ...network(), '--k', '1');
    expect(same).toMatchObject({ precision: 1, recall: 1, coverage: 1 });
    const refused = await evaluate('kid', ...pair);
    expect(refused.notes.at(-1)).toMatch(/--subset-size: .*dark: at least 1000 .*each subset takes 1000\), got 3/);
    expect(refused.exitCode).toBe(2);
  });
});

describe('evaluate accuracy', { timeout: PATIENCE }, () => {
  it('counts the pictures whose class has the highest score', async () => {
    const classes = folder('classes');
    for (const [name, from] of [
      ['dark', 'dark'],
      ['light', 'light'],
    ] as const) {
      await mkdir(join(classes, name), { recursive: true });
      for (const file of await readdir(folder(from)))
        await writeFile(join(classes, name, file), await readFile(join(folder(from), file)));
    }
    const classifier = await writeBrightness(folder('classifier'));
    const run = await json('accuracy', classes, '--classifier', classifier, '--no-cache');
    expect(run.accuracy).toBe(100);
    await writeFile(join(root, 'names.txt'), 'light\ndark\n');
    const swapped = await json(
      'accuracy',
      classes,
      '--classifier',
      classifier,
      '--no-cache',
      '--classes',
      join(root, 'names.txt'),
    );
    expect(swapped.accuracy).toBe(0);
    const none = await evaluate('accuracy', folder('dark'), '--classifier', classifier, '--no-cache');
    expect(none.notes.at(-1)).toContain('each picture needs a label');
    const missing = await evaluate('accuracy', classes, '--classifier', 'nowhere.onnx', '--no-cache');
    expect(missing.notes.at(-1)).toContain('--classifier: no such file');
  });
});

describe('what a set is read from', { timeout: PATIENCE }, () => {
  const mixed = folder.bind(null, 'mixed');
  beforeAll(async () => {
    await mkdir(mixed());
    for (let i = 0; i < COUNT; i++) {
      const png = join(folder('dark'), `${i}.png`);
      if (i === 0) await writeFile(join(mixed(), '0.ppm'), await asPpm(png));
      else await copyFile(png, join(mixed(), `${i}.png`));
    }
  });

  it('gives the number of the same images in another format', async () => {
    const same = await json('fid', folder('dark'), folder('light'), ...network(), '--min', '2');
    const other = await json('fid', mixed(), folder('light'), ...network(), '--min', '2');
    expect(other.fid).toBe(same.fid);
  });

  it('refuses a number over what is left of the images, and counts transparency', async () => {
    await writeFile(join(mixed(), 'x.heic'), 'x');
    const alpha = sharp({
      create: { width: SIDE, height: SIDE, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0 } },
    });
    await alpha.png().toFile(join(mixed(), 'y.png'));
    const flags = [mixed(), folder('light'), ...network(), '--min', '2'];
    const refused = await evaluate('fid', ...flags);
    expect([refused.exitCode, refused.results]).toEqual([2, []]);
    expect(refused.notes[0]).toContain('mixed: 4 images; left out: 1 .heic file (x.heic; HEIC is not supported');
    expect(refused.notes.at(-1)).toContain('--skip-bad: every image must count, and these are not read: ');
    const allowed = await evaluate('fid', ...flags, '--skip-bad');
    expect(allowed.exitCode).toBe(0);
    expect(allowed.results[0]).toContain('mixed (folder, 4 pictures, 1 left out)');
    expect(allowed.notes.join('\n')).toContain(
      'mixed: 1 of the images decoded now have transparent parts: the colours that lie below count, as in pytorch-fid',
    );
  });
});
