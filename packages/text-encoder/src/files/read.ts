import { readFile } from 'node:fs/promises';
import { LascauxError, check } from '@lascaux/nn';

/** A JSON object whose fields are still to be checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a JSON value is an object, neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The text of a file, or undefined when there is no such file.
 * @throws {LascauxError} when the file is there but cannot be read
 */
export async function readOptionalText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new LascauxError({ operation: path, rule: `cannot be read: ${(cause as Error).message}`, cause });
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new LascauxError({ operation: path, rule: `must be valid JSON: ${(cause as Error).message}`, cause });
  }
}

/**
 * The JSON object in a file, or undefined when there is no such file.
 * @throws {LascauxError} when the file cannot be read or holds something else
 */
export async function readOptionalJson(path: string): Promise<JsonObject | undefined> {
  const text = await readOptionalText(path);
  if (text === undefined) return undefined;
  const value = parseJson(text, path);
  check(isObject(value), { operation: path, rule: 'must hold a JSON object', value: text.slice(0, 40) });
  return value;
}
