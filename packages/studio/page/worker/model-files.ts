import type { ModelSource } from '@lascaux/pipeline/core';
import type { ManifestFile, ManifestModel } from '../../src/static-manifest.js';
import { PageError } from '../backend/errors.js';

const CACHE = 'lascaux-models';

/** Called while a file is fetched: bytes that arrived since the last call. */
export type OnBytes = (bytes: number) => void;

/**
 * The files of a model beside the page: from the browser's cache, else fetched, checked by their hashes, and kept there.
 * @param base the page's address
 */
export function modelSource(model: ManifestModel, base: URL, onBytes: OnBytes): ModelSource {
  const files = new Map(model.files.map((file) => [file.path, file]));
  return {
    name: model.name,
    read: async (path) => {
      const file = files.get(path);
      return file === undefined ? undefined : readFile(file, new URL(model.folder + path, base), onBytes);
    },
  };
}

/** Removes what was kept of models, or of versions of them, that the page has no more. */
export async function forgetOthers(models: readonly ManifestModel[], base: URL): Promise<void> {
  const cache = await openCache();
  if (cache === undefined) return;
  const kept = new Set(
    models.flatMap(({ folder, files }) => files.map((file) => keyOf(file, new URL(folder + file.path, base)))),
  );
  for (const request of await cache.keys()) if (!kept.has(request.url)) await cache.delete(request);
}

/** A file of another content has another key. */
const keyOf = ({ sha256 }: ManifestFile, url: URL): string => `${url.href}?sha256=${sha256}`;

/** Some browsers keep nothing, in private windows for example; then files are fetched anew. */
const openCache = (): Promise<Cache | undefined> =>
  'caches' in globalThis ? caches.open(CACHE).catch(() => undefined) : Promise.resolve(undefined);

async function readFile(file: ManifestFile, url: URL, onBytes: OnBytes): Promise<Uint8Array> {
  const cache = await openCache();
  const key = keyOf(file, url);
  const kept = await cache?.match(key);
  if (kept !== undefined) {
    const bytes = new Uint8Array(await kept.arrayBuffer());
    onBytes(bytes.length);
    return bytes;
  }
  const bytes = await download(file, url, onBytes);
  await checkHash(bytes, file);
  await cache?.put(key, new Response(bytes)).catch(() => undefined);
  return bytes;
}

async function download({ path, bytes: length }: ManifestFile, url: URL, onBytes: OnBytes) {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new PageError(`${path} cannot be fetched; is there a network?`, cause);
  });
  if (!response.ok || response.body === null) throw new PageError(`${path} cannot be fetched: ${response.status}`);
  const bytes = new Uint8Array(length);
  let offset = 0;
  for await (const part of response.body) {
    if (offset + part.length > length) throw new PageError(`${path} is longer than the ${length} bytes it should have`);
    bytes.set(part, offset);
    offset += part.length;
    onBytes(part.length);
  }
  if (offset !== length) throw new PageError(`${path} has ${offset} bytes of ${length}`);
  return bytes;
}

async function checkHash(bytes: Uint8Array<ArrayBuffer>, { path, sha256 }: ManifestFile): Promise<void> {
  if (!('subtle' in crypto)) throw new PageError('models are checked by their hashes, for which this page needs https');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found !== sha256) throw new PageError(`${path} is not what it should be: its SHA-256 is ${found}`);
}
