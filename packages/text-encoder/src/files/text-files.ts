import { check, limits, parseJson, pathIn } from '@lascaux/nn';

/** A JSON object whose fields are still to be checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a JSON value is an object, neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Files of a tokenizer or of an encoder's folder, wherever they lie. */
export interface TextFiles {
  /** What errors call the folder. */
  readonly folder: string;
  /** The text of a file of the folder, or undefined where there is none; at most `largest` bytes. */
  readonly text: (name: string, largest: number) => Promise<string | undefined>;
}

/** The text of a file. @throws {LascauxError} when the file cannot be read, or is no tokenizer's by its size */
export const fileText = ({ text }: TextFiles, name: string): Promise<string | undefined> =>
  text(name, limits.tokenizerBytes);

/** The JSON object in a file, or undefined where there is none. @throws {LascauxError} when the file cannot be read or holds something else */
export async function fileJson(files: TextFiles, name: string): Promise<JsonObject | undefined> {
  const text = await fileText(files, name);
  if (text === undefined) return undefined;
  const path = pathIn(files.folder, name);
  const value = parseJson(text, { name: path });
  check(isObject(value), { operation: path, rule: 'must hold a JSON object', value: text.slice(0, 40) });
  return value;
}
