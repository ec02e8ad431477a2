import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const repository = fileURLToPath(new URL('..', import.meta.url));

/** What a bundle for browsers still imports, and its size. */
async function bundle(contents: string) {
  const { metafile } = await build({
    stdin: { contents, resolveDir: repository, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@lascaux/source'],
    external: ['node:*', 'sharp', 'onnxruntime-node', 'onnxruntime-web', 'hyparquet', '@huggingface/*', 'undici'],
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  return { imports: output!.imports.map(({ path }) => path), bytes: output!.bytes };
}

it('the core that paints fits into a browser: no module of Node.js, no file system, no native library', async () => {
  const { imports, bytes } = await bundle("export { openPainter } from '@lascaux/pipeline/core';");
  expect(imports).toEqual([]);
  expect(bytes).toBeLessThan(700_000);
});

it('the reader of settings in picture files does too', async () => {
  const { imports, bytes } = await bundle("export * from '@lascaux/pipeline/settings';");
  expect(imports).toEqual([]);
  expect(bytes).toBeLessThan(60_000);
});

it.each(['@lascaux/pipeline', '@lascaux/models'])('%s itself does not: the check can tell', async (name) => {
  const { imports } = await bundle(`export * from '${name}';`);
  expect(imports).toContain('node:fs/promises');
});
