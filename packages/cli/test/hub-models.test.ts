import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePng } from '@lascaux/data';
import { networkModel, saveTiny } from '@lascaux/model-fixtures';
import { emptyFolder, filesBelow, hubAndCache, type ServedFile } from '@lascaux/model-fixtures/hub';
import { findModel } from '@lascaux/models';
import { randomStream } from '@lascaux/nn';
import { parseParameters, readImageInformation } from '@lascaux/pipeline/image';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runCaptured } from './support/captured-terminal.js';

vi.setConfig({ testTimeout: 120_000 });
afterEach(() => vi.unstubAllEnvs());

const SIDE = 8;

/** The bundled model as `owner/name` of a hub that this process believes in. */
async function bundledOnHub() {
  const folder = findModel();
  const files: Record<string, ServedFile> = {};
  for (const path of await filesBelow(folder))
    files[path] = { content: await readFile(join(folder, path)), large: path.endsWith('.onnx') };
  const { hub, cacheFolder } = await hubAndCache(files);
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('HF_HUB_CACHE', cacheFolder);
  return hub;
}

/** A folder of seeded noise around a level. */
async function pictures(level: number): Promise<string> {
  const folder = join(await emptyFolder(), `level-${level}`);
  await mkdir(folder);
  const random = randomStream(level);
  for (let i = 0; i < 3; i++) {
    const noise = random.normal(3 * SIDE * SIDE);
    const bytes = Uint8Array.from(noise, (value) => Math.min(Math.max(level + 30 * value, 0), 255));
    await writePng(join(folder, `${i}.png`), bytes, { height: SIDE, width: SIDE });
  }
  return folder;
}

describe('hub ids', () => {
  it('evaluate takes one for --model, with the image encoder that painting does without', async () => {
    const hub = await bundledOnHub();
    const cmmd = async (...flags: string[]) => {
      const run = await runCaptured(['evaluate', 'cmmd', ...sets, '--no-cache', '--json', ...flags]);
      expect(run.exitCode, run.notes.join('\n')).toBe(0);
      return JSON.parse(run.results.join('')) as { cmmd: number; extractor: { name: string } };
    };
    const sets = [await pictures(60), await pictures(180)];
    const pulled = await cmmd('--model', 'owner/name');
    expect(pulled.extractor.name).toBe('clip-owner/name');
    expect(pulled.cmmd).toBe((await cmmd()).cmmd);
    expect(hub.requests('image_encoder/model.onnx')).not.toEqual([]);
    hub.seen.length = 0;
    expect((await cmmd('--model', 'owner/name', '--offline')).cmmd).toBe(pulled.cmmd);
    expect(hub.seen).toEqual([]);
  });

  it('info takes one, at a revision too', async () => {
    await bundledOnHub();
    const run = await runCaptured(['info', 'owner/name@v1', '--json']);
    expect(run.exitCode, run.notes.join('\n')).toBe(0);
    expect(JSON.parse(run.results.join(''))).toMatchObject({ class: 'PixArtAlphaPipeline' });
    const missing = await runCaptured(['info', 'owner/other']);
    expect(missing.exitCode).not.toBe(0);
    expect(missing.notes.at(-1)).toContain('info: there is no folder owner/other, and as a model of the hub:');
    const picture = await runCaptured(['info', 'out/cat.png']);
    expect(picture).toMatchObject({ exitCode: 2, notes: [expect.stringContaining('info: no such file or folder')] });
  });
});

describe('an autoencoder of the hub', () => {
  it('is pulled and converted once, and takes the place of a model’s own', async () => {
    const folder = join(await emptyFolder(), 'taesd');
    await saveTiny(folder);
    const files: Record<string, ServedFile> = { 'README.md': { content: Buffer.from('tiny'), large: false } };
    for (const path of await filesBelow(folder))
      files[path] = { content: await readFile(join(folder, path)), large: path.endsWith('.safetensors') };
    const { hub, cacheFolder } = await hubAndCache(files);
    vi.stubEnv('HF_ENDPOINT', hub.endpoint);
    vi.stubEnv('HF_HUB_CACHE', cacheFolder);
    const model = await networkModel();
    const out = join(await emptyFolder(), 'cat.png');
    const paint = (...flags: string[]) =>
      runCaptured(['generate', 'a cat', '--model', model, '--out', out, '--vae', 'owner/name', ...flags]);
    const run = await paint();
    expect(run.exitCode, run.notes.join('\n')).toBe(0);
    expect(run.notes.join('\n')).toContain('making graphs for its weights, once');
    expect(hub.requests('README.md')).toEqual([]);
    const { parameters = '' } = await readImageInformation(out);
    expect(parseParameters(parameters).values.VAE).toBe('owner/name');
    hub.seen.length = 0;
    expect((await paint('--offline')).notes).toEqual([]);
    expect(hub.seen).toEqual([]);
    const asModel = await runCaptured(['generate', 'a cat', '--model', 'owner/name', '--out', out, '--offline']);
    expect(asModel.notes.at(-1)).toContain('has no model_index.json, so it cannot be run');
  });

  it('must be a component of diffusers', async () => {
    const { hub, cacheFolder } = await hubAndCache({ 'config.json': { content: Buffer.from('{}'), large: false } });
    vi.stubEnv('HF_ENDPOINT', hub.endpoint);
    vi.stubEnv('HF_HUB_CACHE', cacheFolder);
    const run = await runCaptured(['generate', 'a cat', '--out', 'x.png', '--vae', 'owner/name']);
    expect(run.notes.at(-1)).toContain(
      '--vae: there is no folder owner/name, and as a model of the hub: owner/name@main: ',
    );
    expect(run.notes.at(-1)).toContain('has no config.json with diffusion_pytorch_model weights');
  });
});
