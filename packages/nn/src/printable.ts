/**
 * C0 and C1 controls and DEL, which steer a terminal; the marks that turn the direction of writing, and line and paragraph separators, which
 * make a line look like another (Unicode Technical Report 36, section 3).
 */
const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escaped = (character: string): string =>
  SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * Text that anybody may have written, as it can be shown on one line: control characters as `\u001b` and `\n`, the way JSON writes them.
 * Why: docs/decisions/0122.
 */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escaped);
