// CLIP's word pattern: English clitics, runs of letters, single digits, runs of anything else that is not white space.
const WORD = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu;

/**
 * Text as CLIP reads it: NFC, white space collapsed to one space, lower case, trimmed.
 * The steps and their order are those of the normalizer in CLIPTokenizerFast's `tokenizer.json`.
 */
export function cleanText(text: string): string {
  return text
    .normalize('NFC')
    .replace(/\p{White_Space}+/gu, ' ')
    .toLowerCase()
    .trim();
}

function literalPattern(literals: readonly string[]): RegExp {
  const escaped = literals.map((literal) => literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return new RegExp(`(${escaped.join('|')})`, 'u');
}

/**
 * Makes the function that cuts a text into words in CLIP's sense, after cleaning it.
 * The names in `specialTokens` are cut out first and stay whole, wherever they stand.
 */
export function wordSplitter(specialTokens: readonly string[]): (text: string) => string[] {
  const special = literalPattern(specialTokens);
  return (text) =>
    cleanText(text)
      .split(special)
      // split() with one capturing group alternates between plain text and special tokens
      .flatMap((piece, index) => (index % 2 === 1 ? [piece] : (piece.match(WORD) ?? [])));
}
