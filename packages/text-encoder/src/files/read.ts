import { check, limits, parseJson, readTextFile } from '@lascaux/nn';

/** A JSON object whose fields are still to be checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a JSON value is an object, neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The text of a file, or undefined when there is no such file.
 * @throws {LascauxError} when the file is there but cannot be read, or is no tokenizer's by its size
 */
export const readOptionalText = (path: string): Promise<string | undefined> =>
  readTextFile(path, limits.tokenizerBytes);

/**
 * The JSON object in a file, or undefined when there is no such file.
 * @throws {LascauxError} when the file cannot be read or holds something else
 */
export async function readOptionalJson(path: string): Promise<JsonObject | undefined> {
  const text = await readOptionalText(path);
  if (text === undefined) return undefined;
  const value = parseJson(text, { name: path });
  check(isObject(value), { operation: path, rule: 'must hold a JSON object', value: text.slice(0, 40) });
  return value;
}
