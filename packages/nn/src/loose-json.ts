import { parseJson } from './parse-json.js';

/** Text in quotes, or one of the numbers that Python's `json` writes and JSON does not have. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * JSON as Python writes it: `NaN`, `Infinity` and `-Infinity` are read as null, as LAION's columns and pandas have them.
 * @throws {LascauxError} naming what `name` says, when it is not JSON, or holds more or is nested deeper than it may
 */
export function parseLooseJson(text: string, name = 'JSON'): unknown {
  try {
    return parseJson(text, { name });
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    const strict = text.replace(STRING_OR_NUMBER, (token) => (token.startsWith('"') ? token : 'null'));
    return parseJson(strict, { name });
  }
}

/** Whether a JSON value is an object. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
