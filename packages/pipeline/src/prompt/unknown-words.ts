import { normalText, type KnownWords } from '@lascaux/models/source';
import { nearestText } from '@lascaux/nn';

/** A word of a prompt that a model has not learned. */
export interface UnknownWord {
  readonly word: string;
  /** A known one that is spelled almost alike. */
  readonly nearest?: string;
}

/** Scripts that set no spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** A letter or what belongs to one; apostrophes and hyphens inside words are handled by the list, which has them. */
const PART = /[\p{L}\p{M}\p{N}]/u;

/** Whether a word may end before, or begin at, this place. */
function isBoundary(text: string, at: number): boolean {
  const [before, after] = [text[at - 1], text[at]];
  if (before === undefined || after === undefined) return true;
  return !PART.test(before) || !PART.test(after) || UNSPACED.test(before) || UNSPACED.test(after);
}

/** Forms under which a word may be listed: itself, then without an English plural's end or a possessive's. */
function forms(word: string): readonly string[] {
  const plural = word.endsWith('ies')
    ? [`${word.slice(0, -3)}y`]
    : word.endsWith('es')
      ? [word.slice(0, -1), word.slice(0, -2)]
      : word.endsWith('s')
        ? [word.slice(0, -1)]
        : [];
  return [word, ...plural, ...(/['’]s$/.test(word) ? [word.slice(0, -2)] : [])];
}

/** Where the longest known text that begins here ends; undefined where none does. */
function endOfKnown(text: string, begin: number, { meanings, longest }: KnownWords): number | undefined {
  for (let end = Math.min(text.length, begin + longest + 2); end > begin; end--)
    if (isBoundary(text, end) && forms(text.slice(begin, end)).some((form) => meanings.has(form))) return end;
  return undefined;
}

/** Where the word that begins here ends by its letters. */
function endOfWord(text: string, begin: number): number {
  let end = begin + 1;
  while (end < text.length && !isBoundary(text, end)) end++;
  return end;
}

/** Letters that may be wrong, by the length of a word: short ones have neighbours that mean something else. */
const allowedChanges = (length: number): number => (length < 4 ? 0 : length < 7 ? 1 : 2);

/** The known word for a thing that is spelled almost alike. */
function nearestWord(word: string, { meanings }: KnownWords): string | undefined {
  const allowed = allowedChanges(word.length);
  if (allowed === 0) return undefined;
  function* things(): Iterable<string> {
    for (const [known, meaning] of meanings) if (meaning !== '') yield known;
  }
  return nearestText(word, things(), allowed);
}

/** At most so many are told, each once. */
const MOST = 8;

/** The words of a prompt that a model has not learned, in their order; the longest known texts are taken from the left. */
export function unknownWords(prompt: string, words: KnownWords): readonly UnknownWord[] {
  const text = normalText(prompt);
  const found = new Set<string>();
  for (let at = 0; at < text.length && found.size < MOST;) {
    const known = endOfKnown(text, at, words);
    if (known !== undefined) {
      at = known;
      continue;
    }
    const end = endOfWord(text, at);
    const word = text.slice(at, end);
    // Numbers and signs are not words.
    if (/\p{L}/u.test(word)) found.add(word);
    at = end;
  }
  return [...found].map((word) => {
    const nearest = nearestWord(word, words);
    return nearest === undefined ? { word } : { word, nearest };
  });
}
