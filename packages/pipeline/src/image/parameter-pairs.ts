import { jsonEnd } from './json-end.js';

/** A key: letters, digits, `_`, blanks, `-`, `/`, bounded, so that a long text without a colon is read in linear time. */
const KEY = /\s*([\p{L}\p{N}_][\p{L}\p{N}_ \-/]{1,60}):[^\S\n]*/uy;
/** Text in quotes, also over several lines, with its end. */
const QUOTED = /"[^"\\]*(?:\\[^][^"\\]*)*"(?=\s*(?:,|\n|$))/y;

/**
 * The `Key: value` pairs of a text in AUTOMATIC1111's form. In the first line they are joined by commas; a value is text in quotes, JSON, or
 * what stands before the next comma. A later line that begins with a key is that key's value to its end (`Template: …`), any other goes on
 * with the value before it.
 */
export function readPairs(text: string): [key: string, value: string][] {
  const pairs: [string, string][] = [];
  let at = 0;
  let isFirstLine = true;
  while (at < text.length) {
    KEY.lastIndex = at;
    const key = KEY.exec(text)?.[1];
    if (key === undefined) {
      const end = stopAfter(text, at, isFirstLine);
      const last = pairs.at(-1);
      if (!isFirstLine && last) last[1] = `${last[1]}\n${text.slice(at, end).trim()}`;
      at = end;
    } else {
      const end = valueEnd(text, KEY.lastIndex, isFirstLine);
      pairs.push([key, unquote(text.slice(KEY.lastIndex, end).trim())]);
      at = end;
    }
    if (text[at] === '\n') isFirstLine = false;
    at++;
  }
  return pairs;
}

/** Where a value ends: at the comma, line break or end behind it. */
function valueEnd(text: string, start: number, isFirstLine: boolean): number {
  QUOTED.lastIndex = start;
  if (text[start] === '"' && QUOTED.test(text)) return stopAfter(text, QUOTED.lastIndex, true);
  const json = text[start] === '{' || text[start] === '[' ? jsonEnd(text, start) : undefined;
  return stopAfter(text, json ?? start, isFirstLine);
}

/** Looked for together: each alone would be looked for to the end of the text, again for each pair. */
const [COMMA_OR_LINE, LINE] = [/[,\n]/g, /\n/g];

/** The next line break, or comma where commas part. */
function stopAfter(text: string, start: number, atCommas: boolean): number {
  const stop = atCommas ? COMMA_OR_LINE : LINE;
  stop.lastIndex = start;
  return stop.exec(text)?.index ?? text.length;
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  try {
    return String(JSON.parse(value.replaceAll('\r', '\\r').replaceAll('\n', '\\n').replaceAll('\t', '\\t')));
  } catch {
    return value;
  }
}
