import { endOfText } from './parse-json.js';

/**
 * JSON as Python writes it, where Infinity and NaN may stand bare, with those put into quotes; texts stay as they are. One pass, since a
 * regular expression for texts takes quadratic time where one has no end.
 */
export function quoteBareNumbers(json: string): string {
  const parts: string[] = [];
  for (let at = 0; at < json.length;) {
    const quote = json.indexOf('"', at);
    const begin = quote < 0 ? json.length : quote;
    parts.push(json.slice(at, begin).replace(/-?\bInfinity\b|\bNaN\b/g, '"$&"'));
    at = quote < 0 ? json.length : endOfText(json, begin) + 1;
    parts.push(json.slice(begin, at));
  }
  return parts.join('');
}
