import type { NounRow } from './everyday.js';

/** Words that begin with a vowel letter but a consonant sound, or the reverse. */
const SOUND_EXCEPTIONS: readonly [RegExp, string][] = [
  [/^(uni|use|euro|ewe|one\b|yo-)/i, 'a'],
  [/^(hour|x-ray|8)/i, 'an'],
];

/** "a cat", "an apple", "a unicorn", "an hourglass". */
export function withArticle(word: string): string {
  const exception = SOUND_EXCEPTIONS.find(([pattern]) => pattern.test(word));
  return `${exception?.[1] ?? (/^[aeiou]/i.test(word) ? 'an' : 'a')} ${word}`;
}

/** English plural of a word by the regular rules: "cats", "boxes", "cherries", "leaves". */
export function regularPlural(word: string): string {
  if (/(?:[sxz]|[cs]h)$/.test(word)) return `${word}es`;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  if (word.endsWith('leaf')) return `${word.slice(0, -1)}ves`;
  if (/(?:tomato|potato|mango|volcano|buffalo|mosquito)$/.test(word)) return `${word}es`;
  if (word.endsWith('man')) return `${word.slice(0, -2)}en`;
  return `${word}s`;
}

/** The phrase for one of it: with the article where the word takes one. */
export function singular(row: NounRow): string {
  return (row.article ?? true) ? withArticle(row.word) : row.word;
}

/** The plural, or null for a word that is not counted. */
export function plural(row: NounRow): string | null {
  return row.plural === undefined ? regularPlural(row.word) : row.plural;
}
