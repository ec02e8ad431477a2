import { cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder, tinyModel } from '@lascaux/model-fixtures';
import { encodeImage } from '@lascaux/pipeline/image';
import { beforeAll, expect, it } from 'vitest';
import { runCaptured } from './support/captured-terminal.js';

const RESUME = "npx lascaux train vae --data 'my images' --out runs/vae --resume";
let model: string;
let run: string;
let images: string;

beforeAll(async () => {
  model = await tinyModel();
  run = join(await temporaryFolder(), 'vae');
  await mkdir(join(run, 'checkpoints'), { recursive: true });
  await writeFile(join(run, 'options.json'), JSON.stringify({ seed: 0, config: { kind: 'vae' } }));
  await writeFile(join(run, 'data.json'), JSON.stringify({ images: 1, resume: RESUME }));
  images = await temporaryFolder();
  await writeFile(
    join(images, 'a.png'),
    await encodeImage({ width: 8, height: 8, pixels: new Uint8Array(192) }, 'png'),
  );
  await writeFile(join(images, 'a.txt'), 'a cat');
});

const generate = (...argv: string[]) => runCaptured(['generate', 'a cat', '--out', join(images, 'x.png'), ...argv]);
const train = (...argv: string[]) => runCaptured(['train', ...argv, '--data', images, '--out', join(images, 'run')]);
const denoiser = (vae: string, text: string) => train('denoiser', '--vae', vae, '--text-encoder', text);

it.each([
  ['--model', () => generate('--model', run)],
  ['--model', () => generate('--model', join(run, 'model'))],
  ['--vae', () => generate('--model', model, '--vae', run)],
  ['info', () => runCaptured(['info', run])],
  ['--vae', () => denoiser(run, model)],
  ['--initial', () => train('vae', '--initial', run)],
])('a run that is not finished, named as %s, is answered with the command that goes on', async (option, command) => {
  const { exitCode, results, notes } = await command();
  expect({ exitCode, results }).toEqual({ exitCode: 2, results: [] });
  expect(notes.at(-1)).toMatch(
    `error: ${option}: holds a training of vae that is not finished; go on with: ${RESUME}, got `,
  );
});

it('is told of without its other flags where the run did not record them', async () => {
  const old = join(await temporaryFolder(), 'old');
  await cp(run, old, { recursive: true });
  await writeFile(join(old, 'data.json'), '{}');
  expect((await generate('--model', old)).notes).toEqual([
    `error: --model: holds a training of vae that is not finished; go on with: npx lascaux train vae --data DIR --out ${old} --resume, got "${old}"`,
  ]);
});

it('the folder of a finished run stands for its model', async () => {
  const finished = join(await temporaryFolder(), 'finished');
  await cp(run, finished, { recursive: true });
  await rename(await tinyModel(), join(finished, 'model'));
  const [first, second] = ['first.png', 'second.png'].map((name) => join(images, name));
  expect((await generate('--model', finished, '--out', first!)).exitCode).toBe(0);
  expect((await generate('--model', model, '--vae', finished, '--out', second!)).exitCode).toBe(0);
  expect((await readFile(first!)).length).toBeGreaterThan(0);
});
