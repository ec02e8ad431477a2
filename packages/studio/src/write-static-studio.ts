import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { openModelFolder, type ModelFolder } from '@lascaux/models';
import { check } from '@lascaux/nn';
import type { ManifestFile, ManifestModel, StaticManifest } from './static-manifest.js';
import { studioPage } from './studio-page.js';

/** Options of {@link writeStaticStudio}. */
export interface StaticStudioOptions {
  /** The folder to write; it may be there already if it is empty. */
  readonly out: string;
  /** Model folders to take along; the first is chosen at first. */
  readonly models: readonly string[];
  /** The page as it was built. Default: {@link studioPage}. */
  readonly page?: string;
}

/** What was written. */
export interface StaticStudio {
  readonly manifest: StaticManifest;
  /** Of all files. */
  readonly bytes: number;
}

/** ONNX Runtime for browsers with WebGPU, and without; each is fetched only where it is used. */
const RUNTIME_FILES = ['ort-wasm-simd-threaded', 'ort-wasm-simd-threaded.asyncify'].flatMap((name) => [
  `${name}.mjs`,
  `${name}.wasm`,
]);
/** With these headers a page may share memory between threads; hosts that read this file (Netlify, Cloudflare Pages) send them. */
const HEADERS = '/*\n  Cross-Origin-Opener-Policy: same-origin\n  Cross-Origin-Embedder-Policy: require-corp\n';
/** The same policy as the server sends, in the page itself. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; " +
  "connect-src 'self' blob: data:; worker-src 'self' blob:; base-uri 'none'; form-action 'none'";

/**
 * Writes a folder that any web host serves and that paints in the visitor's own browser: the page, ONNX Runtime, and models with their hashes.
 * @throws LascauxError when the page is not built, the folder is not empty, or a model is broken
 */
export async function writeStaticStudio({
  out,
  models,
  page = studioPage(),
}: StaticStudioOptions): Promise<StaticStudio> {
  const html = await readFile(join(page, 'index.html'), 'utf8').catch(() => undefined);
  check(html !== undefined, {
    operation: 'studio',
    rule: 'the page is not built yet: run `npm run build`',
    value: page,
  });
  const present = await readdir(out).catch(() => []);
  check(present.length === 0, { option: 'static', rule: 'must be a new or empty folder', value: out, kind: 'usage' });
  await cp(page, out, { recursive: true });
  await copyRuntime(join(out, 'runtime'));
  const taken: ManifestModel[] = [];
  for (const folder of models) taken.push(await copyModel(await openModelFolder(folder), out));
  const manifest: StaticManifest = { models: taken, runtime: 'runtime/' };
  await writeFile(join(out, 'manifest.json'), JSON.stringify(manifest));
  await writeFile(join(out, 'index.html'), pageWithManifest(html));
  await writeFile(join(out, '_headers'), HEADERS);
  return { manifest, bytes: await bytesOf(out) };
}

/** The page that paints by itself: it is told where its manifest lies. */
const pageWithManifest = (html: string): string =>
  html
    .replace('<meta name="lascaux-manifest" content="" />', '<meta name="lascaux-manifest" content="manifest.json" />')
    .replace(
      '<meta charset="utf-8" />',
      `<meta charset="utf-8" />\n    <meta http-equiv="Content-Security-Policy" content="${POLICY}" />`,
    );

async function copyRuntime(out: string): Promise<void> {
  const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
  await mkdir(out, { recursive: true });
  for (const name of RUNTIME_FILES) await cp(join(folder, name), join(out, name));
}

async function copyModel(model: ModelFolder, out: string): Promise<ManifestModel> {
  const folder = `models/${model.name.replaceAll(/[^\w.-]+/g, '-')}`;
  const files: ManifestFile[] = [];
  for (const path of await filesOf(model)) {
    const target = join(out, folder, path);
    await mkdir(dirname(target), { recursive: true });
    await cp(join(model.path, path), target);
    files.push({ path, ...(await factsOf(target)) });
  }
  return { name: model.name, folder: `${folder}/`, files };
}

/** What painting reads, and what says whose the model is. */
async function filesOf({ path: root, parts }: ModelFolder): Promise<readonly string[]> {
  const { textEncoders, denoiser, vaeDecoder, vaeEncoder, scheduler } = parts;
  const texts = textEncoders.flatMap(({ folder, tokenizer }) => [folder, tokenizer]);
  const folders = [...texts, denoiser, vaeDecoder, ...(vaeEncoder === undefined ? [] : [vaeEncoder]), scheduler];
  const names = folders.map((folder) => relativeTo(root, folder));
  const found: string[] = [];
  for (const name of new Set(names))
    for (const file of await plainFiles(join(root, name))) found.push(name === '' ? file : `${name}/${file}`);
  const own = (await plainFiles(root)).filter(
    (name) => name === 'model_index.json' || /\.(?:md|txt|tsv\.gz)$/i.test(name) || /^licen[cs]e/i.test(name),
  );
  return [...new Set([...own, ...found])].sort();
}

const relativeTo = (root: string, folder: string): string =>
  (folder.startsWith(root) ? folder.slice(root.length) : folder).replaceAll('\\', '/').replace(/^\/+|\/+$/g, '');

async function plainFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files: string[] = [];
  for (const { name } of entries) if ((await stat(join(folder, name))).isFile()) files.push(name);
  return files;
}

async function factsOf(path: string): Promise<Omit<ManifestFile, 'path'>> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return { bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}

async function bytesOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(names.map(async (name) => stat(join(folder, name))));
  return sizes.reduce((sum, facts) => sum + (facts.isFile() ? facts.size : 0), 0);
}
