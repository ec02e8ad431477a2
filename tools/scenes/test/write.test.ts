import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openImageFolder } from '@lascaux/data';
import { loadNouns, SceneOptions, writeScenes, type WriteOptions } from '@lascaux/scenes';

const nouns = loadNouns('everyday').slice(0, 6);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lascaux-scenes-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const options = (name: string, change: Partial<WriteOptions> = {}): WriteOptions => ({
  ...{ out: join(folder, name), overwrite: false, count: 12, testCount: 4, seed: 1, size: 16, nouns },
  scenes: SceneOptions.parse({ jitter: 0.5 }),
  ...change,
});

describe('writeScenes', () => {
  it('writes an image folder that the data package reads', async () => {
    await writeScenes(options('a'));
    expect((await readdir(join(folder, 'a'))).sort()).toEqual(['ATTRIBUTION.md', 'scenes.json', 'test', 'train']);
    const train = await openImageFolder(join(folder, 'a'));
    const test = await openImageFolder(join(folder, 'a'), { split: 'test' });
    expect([train.length, test.length]).toEqual([12, 4]);
    expect(train.caption(0)).toMatch(/^an? (dog|cat|mouse|rabbit|fox|bear)/);
    expect(Object.keys(train.extra(0)).sort()).toEqual(['ground', 'noun', 'scene', 'style']);
    expect((await train.pixels(11, 16)).length).toBe(768);
  });

  it('writes the same bytes for the same seed', async () => {
    await writeScenes(options('a'));
    await writeScenes(options('b', { count: 14 }));
    const bytes = async (name: string) => readFile(join(folder, name, 'train/000011.png'));
    expect(await bytes('b')).toEqual(await bytes('a'));
  });

  it('leaves nothing behind when it fails, and replaces a folder only when told', async () => {
    await writeScenes(options('a'));
    await expect(writeScenes(options('a'))).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['a']);
    await writeScenes(options('a', { count: 3, overwrite: true }));
    expect((await openImageFolder(join(folder, 'a'))).length).toBe(3);
    await expect(writeScenes(options('b', { nouns: [] }))).rejects.toThrow();
    const stop = new AbortController();
    const onProgress = (written: number): void => void (written === 3 && stop.abort(new Error('stopped')));
    await expect(writeScenes(options('c', { count: 99, signal: stop.signal, onProgress }))).rejects.toThrow('stopped');
    expect(await readdir(folder)).toEqual(['a']);
  });
});

describe('the command', () => {
  const cli = new URL('../src/cli.ts', import.meta.url).pathname;
  const run = async (...args: string[]) =>
    promisify(execFile)(process.execPath, ['--conditions=@lascaux/source', '--import', 'tsx', cli, ...args]).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );

  it('makes a folder, and answers wrong usage with one line and code 2', async () => {
    const out = join(folder, 'x');
    const made = await run('--out', out, '--count', '2', '--size', '8');
    expect(made.code).toBe(0);
    expect(made.stdout).toContain('2 train and 0 test pictures');
    const wrong = await run('--out', join(folder, 'y'), '--jitter', '2');
    expect([wrong.code, wrong.stderr]).toEqual([2, '--jitter: must be a number from 0 to 1, got "2"\n']);
    const again = await run('--out', out);
    expect([again.code, again.stderr]).toEqual([2, `--out: must not exist without --overwrite, got "${out}"\n`]);
    expect(await readdir(folder)).toEqual(['x']);
  });
});
