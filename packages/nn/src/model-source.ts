import { LascauxError, check } from './errors.js';
import { limits } from './limits.js';

/** The path of a file in a folder, without asking a file system: with backslashes where the folder has them. */
export const pathIn = (folder: string, name: string): string =>
  folder === '' ? name : `${folder}${folder.includes('\\') ? '\\' : '/'}${name}`;

/** Where the files of a model are read from: a server, an archive, memory … Paths have slashes and begin at the model: `unet/config.json`. */
export interface ModelSource {
  /** What errors and the settings in images call the model. */
  readonly name: string;
  /** The bytes of a file; undefined where there is none. */
  readonly read: (path: string) => Promise<Uint8Array | undefined>;
}

/**
 * The text of a file of a source (UTF-8), or undefined where there is none.
 * @throws {LascauxError} naming the file when it is too large or cannot be read
 */
export async function sourceText(
  source: ModelSource,
  path: string,
  largest: number = limits.configBytes,
): Promise<string | undefined> {
  const bytes = await sourceBytes(source, path);
  if (bytes === undefined) return undefined;
  const rule = `must be ${Math.floor(largest / 2 ** 20)} MB or less`;
  check(bytes.length <= largest, { operation: path, rule, value: `${bytes.length} bytes` });
  return new TextDecoder().decode(bytes);
}

/** The bytes of a file of a source, or undefined where there is none. @throws {LascauxError} naming the file when it cannot be read */
export async function sourceBytes({ read }: ModelSource, path: string): Promise<Uint8Array | undefined> {
  try {
    return await read(path);
  } catch (cause) {
    if (cause instanceof LascauxError) throw cause;
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({ operation: path, rule: 'must be readable', value, cause });
  }
}
