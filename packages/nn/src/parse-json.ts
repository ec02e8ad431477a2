import { LascauxError } from './errors.js';
import { limits } from './limits.js';

/** What a JSON document may hold, and what errors call it. */
export interface JsonLimits {
  /** A file's path, or what the text is. */
  readonly name: string;
  /** The part of the file that the text is, for rules to begin with. */
  readonly part?: string;
  /** Brackets within brackets. */
  readonly depth?: number;
  /** Values, keys not counted. */
  readonly values?: number;
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const isOpening = (code: number): boolean => code === 0x5b || code === 0x7b;
const isClosing = (code: number): boolean => code === 0x5d || code === 0x7d;

const inPart = (part: string | undefined, rule: string): string => (part === undefined ? rule : `${part}: ${rule}`);

/** The index of the quote that ends the text which begins at `start`, or the end where none does. */
export function endOfText(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json.charCodeAt(at) !== QUOTE) at += json.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

/** Counts brackets and commas before the parser makes objects of them. */
function checkSize(
  json: string,
  { name, part, depth = limits.jsonDepth, values = limits.jsonValues }: JsonLimits,
): void {
  const refuse = (rule: string): LascauxError => new LascauxError({ operation: name, rule: inPart(part, rule) });
  let open = 0;
  let count = 1;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfText(json, at);
    else if (isOpening(code)) {
      open++;
      count++;
      if (open > depth) throw refuse(`JSON may be nested ${depth} deep, and this is nested deeper`);
    } else if (isClosing(code)) open--;
    else if (code === COMMA) count++;
    if (count > values) throw refuse(`JSON may hold ${values} values, and this holds more`);
  }
}

/**
 * Parses JSON that anybody may have written.
 * @throws {LascauxError} when it is not JSON, or holds more or is nested deeper than it may
 */
export function parseJson(json: string, options: JsonLimits): unknown {
  checkSize(json, options);
  try {
    return JSON.parse(json);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const rule = inPart(options.part, `must be valid JSON: ${reason}`);
    throw new LascauxError({ operation: options.name, rule, cause });
  }
}
