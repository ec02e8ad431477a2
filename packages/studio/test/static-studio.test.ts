import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder, tinyModel } from '@lascaux/model-fixtures';
import { writeStaticStudio, type StaticManifest } from '@lascaux/studio';
import { beforeAll, describe, expect, it } from 'vitest';

/** As Vite writes it. */
const HTML =
  '<!doctype html><html><head><meta charset="utf-8" /><meta name="lascaux-manifest" content="" /></head></html>';

let page: string;
let model: string;
beforeAll(async () => {
  [page, model] = [await temporaryFolder(), await tinyModel()];
  await mkdir(join(page, 'assets'));
  await writeFile(join(page, 'index.html'), HTML);
  await writeFile(join(page, 'assets/page.js'), 'export {};');
});

describe('writeStaticStudio', () => {
  it('writes the page, ONNX Runtime and the model, whose files are listed with size and hash', async () => {
    const out = join(await temporaryFolder(), 'site');
    const { manifest, bytes } = await writeStaticStudio({ out, models: [model], page });
    expect(JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8')) as StaticManifest).toEqual(manifest);
    const [{ folder, files }] = manifest.models as [StaticManifest['models'][number]];
    const paths = files.map(({ path }) => path);
    for (const path of ['model_index.json', 'unet/model.onnx', 'vae_decoder/config.json', 'tokenizer/vocab.json'])
      expect(paths).toContain(path);
    for (const { path, bytes: length, sha256 } of files) {
      const content = await readFile(join(out, folder, path));
      expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([length, sha256]);
    }
    for (const path of ['assets/page.js', 'runtime/ort-wasm-simd-threaded.wasm', '_headers'])
      expect((await readFile(join(out, path))).length).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(40_000_000);
  });

  it('tells the page where its models lie, and forbids everything from elsewhere', async () => {
    const out = await temporaryFolder();
    await writeStaticStudio({ out, models: [], page });
    const html = await readFile(join(out, 'index.html'), 'utf8');
    expect(html).toContain('<meta name="lascaux-manifest" content="manifest.json" />');
    expect(html).toContain(`http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'`);
  });

  it('writes into no folder that has something in it, and wants a page that is built', async () => {
    await expect(writeStaticStudio({ out: page, models: [], page })).rejects.toThrow(
      'static: must be a new or empty folder',
    );
    await expect(writeStaticStudio({ out: page, models: [], page: join(page, 'none') })).rejects.toThrow(
      'studio: the page is not built yet: run `npm run build`',
    );
  });
});
