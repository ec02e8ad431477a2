import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Providers that ONNX Runtime loads from libraries beside its own, which its installer fetches or leaves out. */
const separate = ['cuda', 'tensorrt'];

const fileName = (provider: string): string =>
  process.platform === 'win32' ? `onnxruntime_providers_${provider}.dll` : `libonnxruntime_providers_${provider}.so`;

/**
 * The library that a provider needs and that is not there, with its full path; undefined when nothing is missing. Asked
 * before a session is opened: the runtime would print lines of its own about it.
 */
export function missingProviderLibrary(device: string): string | undefined {
  if (!separate.includes(device)) return undefined;
  const bin = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')), '..', 'bin');
  const folders = readdirSync(bin).map((version) => join(bin, version, process.platform, process.arch));
  const folder = folders.find((candidate) => existsSync(candidate));
  if (folder === undefined) return undefined;
  return ['shared', device].map((name) => join(folder, fileName(name))).find((path) => !existsSync(path));
}
