import { ZodError } from 'zod';
import { LascauxError } from './errors.js';
import { limits } from './limits.js';
import { parseJson } from './parse-json.js';
import { readTextFile } from './text-file.js';

/**
 * Reads a JSON file through a parser, usually a schema's; undefined when the file does not exist.
 * @throws LascauxError that names the file when it cannot be read, is not JSON, or the parser refuses it.
 */
export async function readJson<T>(path: string, parse: (json: unknown) => T): Promise<T | undefined> {
  const text = await readTextFile(path, limits.configBytes);
  if (text === undefined) return undefined;
  try {
    return parse(parseJson(text, { name: path }));
  } catch (cause) {
    if (cause instanceof LascauxError) throw cause;
    throw new LascauxError({ operation: path, rule: 'must have the expected keys', value: describe(cause), cause });
  }
}

function describe(error: unknown): string {
  if (error instanceof ZodError) {
    return error.issues.map((issue) => `${issue.path.join('.') || 'root'}: ${issue.message}`).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
