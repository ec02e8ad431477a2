/** Text in quotes, or one of the numbers that Python's `json` writes and JSON does not have. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * JSON as Python writes it: `NaN`, `Infinity` and `-Infinity` are read as null, as LAION's columns and pandas have them.
 * Throws a SyntaxError as `JSON.parse` does.
 */
export function parseLooseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    return JSON.parse(text.replace(STRING_OR_NUMBER, (token) => (token.startsWith('"') ? token : 'null')));
  }
}

/** Whether a JSON value is an object. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
