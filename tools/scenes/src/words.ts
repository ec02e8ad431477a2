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

/** Nouns whose plural no rule gives. */
const IRREGULAR: Readonly<Record<string, string>> = {
  ...{ child: 'children', foot: 'feet', goose: 'geese', leaf: 'leaves', mouse: 'mice', ox: 'oxen', person: 'people' },
  ...{
    tooth: 'teeth',
    wolf: 'wolves',
    loaf: 'loaves',
    elf: 'elves',
    knife: 'knives',
    shelf: 'shelves',
    scarf: 'scarves',
  },
  ...{ sheep: 'sheep', fish: 'fish', deer: 'deer', bison: 'bison', shrimp: 'shrimp', squid: 'squid' },
};

/** The English plural of a noun or of a name that ends in one: "cats", "boxes", "cherries", "computer mice". */
export function englishPlural(word: string): string {
  const last = /[a-z]+$/i.exec(word)?.[0] ?? '';
  const irregular = IRREGULAR[last.toLowerCase()];
  if (irregular !== undefined) return word.slice(0, word.length - last.length) + irregular;
  if (/(?:[sxz]|[cs]h)$/.test(word)) return `${word}es`;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  if (/(?:tomato|potato|mango|volcano|buffalo|mosquito)$/.test(word)) return `${word}es`;
  if (word.endsWith('man') && !word.endsWith('human')) return `${word.slice(0, -2)}en`;
  return `${word}s`;
}

/** The phrase for one of it: with the article where the word takes one. */
export function singular(row: NounRow): string {
  return (row.article ?? true) ? withArticle(row.word) : row.word;
}

/** The plural, or null for a word that is not counted. */
export function plural(row: NounRow): string | null {
  return row.plural === undefined ? englishPlural(row.word) : row.plural;
}
