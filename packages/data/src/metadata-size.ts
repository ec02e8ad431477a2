import { check, limits } from '@lascaux/nn';

const [QUOTE, BACKSLASH, COMMA, LINE] = [0x22, 0x5c, 0x2c, 0x0a];

/**
 * Counts the commas and lines of CSV or JSON outside of quotes, before a parser makes objects of them.
 * @param path the file's, for errors
 * @throws {LascauxError} naming the file when it has more rows or values than metadata may
 */
export function checkValues(text: string, path: string): void {
  const escapes = !path.endsWith('.csv'); // a quote within quotes is doubled there
  let isQuoted = false;
  let [count, lines] = [1, 1];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) isQuoted = !isQuoted;
    else if (isQuoted && escapes && code === BACKSLASH) at++;
    else if (!isQuoted && (code === COMMA || code === LINE)) {
      count++;
      if (code === LINE) lines++;
    }
  }
  checkRows(lines, path);
  const rule = `metadata may have ${limits.metadataValues} values, and this has more`;
  check(count <= limits.metadataValues, { operation: path, rule, value: count });
}

/** @throws {LascauxError} naming the file when it has more rows than metadata may */
export function checkRows(count: number | bigint, path: string): void {
  const rule = `metadata may have ${limits.metadataRows} rows; put larger sets into WebDataset archives`;
  check(count <= limits.metadataRows, { operation: path, rule, value: count });
}
