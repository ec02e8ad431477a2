import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JoinedEmoji } from '../../art.js';
import { cldrRow } from '../../cldr.js';
import { EVERYDAY } from '../../everyday.js';
import { characterOf } from './character.js';
import { LOCALES, type Locale } from './locales.js';

/** How a word came to its emoji; also the order in which claims on a word are settled, the strongest last. */
const STRENGTH = {
  kind: 10,
  keyword: 20,
  synonym: 40,
  /** A keyword that is part of the emoji's name: "apple" of "red apple". */
  part: 50,
  /** "cats"; names in other languages come before it. */
  plural: 60,
  everyday: 110,
  name: 100,
  character: 1000,
} as const;
/** English is what most people type: its names and everyday words come before the names of other languages. */
const ENGLISH = 70;
/** Where languages share a word, the one that more people read pictures' captions in has it; those not listed come last. */
const BEFORE: readonly Locale[] = [
  'en',
  'es',
  'fr',
  'de',
  'pt',
  'it',
  'ru',
  'zh',
  'ja',
  'ko',
  'id',
  'tr',
  'nl',
  'pl',
  'vi',
  'uk',
];
/** A word that more emoji than this are found by says too little to mean one of them: "animal", "food". */
const MOST_SHARED = 10;
/** Emojibase's groups of things: animals, food, travel, activities, objects. They are meant before people, faces and signs. */
const THINGS = new Set([3, 4, 5, 6, 7]);

/** A word with what it leads to. */
export interface Word {
  readonly text: string;
  /** Place of the emoji in the painter's list. */
  readonly emoji: number;
  readonly locale: Locale;
  /** `kind`: of a more special thing that is drawn as this one. */
  readonly role: keyof typeof STRENGTH;
}

/** All words that lead to a drawing; each text leads to one. */
export interface Lexicon {
  readonly words: ReadonlyMap<string, Word>;
  /** The words of an emoji in a language, the strongest claim first (in English the character itself); none where others have a better claim on all of them. */
  of(emoji: number, locale: Locale): readonly Word[];
  /** Words for many things, with the things: "animal". */
  readonly broad: ReadonlyMap<string, readonly number[]>;
}

interface Claim extends Word {
  readonly strength: number;
}

const WORDS = new URL('../../../words/', import.meta.url);
const rows = (name: string): readonly (readonly string[])[] =>
  readFileSync(fileURLToPath(new URL(`${name}.tsv`, WORDS)), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
const listed = (field: string | undefined): readonly string[] =>
  field === undefined || field === '' ? [] : field.split('|');

/** As words are compared: composed, in small letters, without what names add in brackets or after a colon. */
export const normalWord = (text: string): string => text.normalize('NFC').toLowerCase().replaceAll(/\s+/g, ' ').trim();

/** What a language adds to a claim, below the steps between roles. */
const weightOf = (locale: Locale, role: Word['role']): number => {
  if (locale === 'en') return role === 'name' || role === 'everyday' ? ENGLISH : 0;
  const rank = BEFORE.indexOf(locale);
  return (rank === -1 ? BEFORE.length : rank) * -0.5;
};

/** "Koch/Köchin" → both; "Mechaniker(in)" → with and without. */
function spelled(name: string): readonly string[] {
  const both = name.includes('(') ? [name.replaceAll(/\s*\([^)]*\)/g, ''), name.replaceAll(/[()]/g, '')] : [name];
  return both
    .flatMap((text) => text.split(/\s*\/\s*|,\s+/))
    .map(normalWord)
    .filter((text) => text !== '');
}

/** Whether a keyword is a part of a name: a whole word where words are set apart by spaces. */
const isPart = (name: string, word: string): boolean => ` ${name.toLowerCase()} `.includes(` ${word} `);

function localeClaims(
  locale: Locale,
  places: ReadonlyMap<string, number>,
  emojis: readonly JoinedEmoji[],
): readonly Claim[] {
  return rows(locale).flatMap(([hexcode = '', name = '', keywords]) => {
    const emoji = places.get(hexcode);
    if (emoji === undefined) return [];
    const bonus = (THINGS.has(emojis[emoji]!.group) ? 4 : 0) - emoji / 1e4 - name.length / 100;
    const claim = (text: string, role: Word['role']): Claim => ({
      text,
      emoji,
      locale,
      role,
      strength: STRENGTH[role] + weightOf(locale, role) + bonus,
    });
    return [
      ...spelled(name).map((text) => claim(text, 'name')),
      ...listed(keywords)
        .map(normalWord)
        .map((text) => claim(text, isPart(name, text) ? 'part' : 'keyword')),
    ];
  });
}

function wordNetClaims(places: ReadonlyMap<string, number>, emojis: readonly JoinedEmoji[]): readonly Claim[] {
  return rows('wordnet').flatMap(([hexcode = '', synonyms, kinds]) => {
    const emoji = places.get(hexcode);
    if (emoji === undefined) return [];
    // An emoji that is called by the meaning itself comes before others of that meaning: the car before the oncoming car.
    const isItself = listed(synonyms).includes(emojis[emoji]!.label.toLowerCase());
    const bonus = (isItself ? 5 : 0) - emoji / 1e4;
    const claim =
      (role: 'synonym' | 'kind') =>
      (text: string): Claim => ({
        ...{ text: normalWord(text), emoji, locale: 'en', role },
        strength: STRENGTH[role] + bonus,
      });
    return [...listed(synonyms).map(claim('synonym')), ...listed(kinds).map(claim('kind'))];
  });
}

/** What people say, `word ⇥ English name of the emoji ⇥ language`; `-` where a word that others would claim leads to none. */
const everydayRows = (): readonly (readonly [word: string, label: string, locale: Locale])[] => [
  ...EVERYDAY.flatMap(({ word, emoji }) => (emoji === undefined ? [] : [[word, emoji, 'en'] as const])),
  ...rows('everyday').map(([word = '', label = '', locale = 'en']) => [word, label, locale as Locale] as const),
];

/** Everyday words for emoji of another name: "car". Faces of animals that are drawn whole too keep their own names. */
function everydayClaims(emojis: readonly JoinedEmoji[]): readonly Claim[] {
  const byLabel = new Map(emojis.map(({ label }, i) => [label, i]));
  return everydayRows().flatMap(([word, label, locale]) => {
    const emoji = byLabel.get(label);
    if (emoji === undefined || byLabel.has(word)) return [];
    const strength = STRENGTH.everyday + weightOf(locale, 'everyday');
    return [{ text: normalWord(word), emoji, locale, role: 'everyday' as const, strength }];
  });
}

/** Plurals of the names and everyday words of English: a keyword must not lead "bears" or "cars" elsewhere. */
const pluralClaims = (claims: readonly Claim[]): readonly Claim[] =>
  claims.flatMap((claim) => {
    if (claim.locale !== 'en' || (claim.role !== 'name' && claim.role !== 'everyday')) return [];
    const { plural } = cldrRow(claim.text);
    const strength = claim.strength - STRENGTH[claim.role] - ENGLISH + STRENGTH.plural;
    return typeof plural === 'string' ? [{ ...claim, text: plural, role: 'plural' as const, strength }] : [];
  });

/** Keywords of too many emoji, by language. */
function sharedBy(claims: readonly Claim[]): ReadonlyMap<string, readonly number[]> {
  const holders = new Map<string, Set<number>>();
  for (const { text, emoji, role } of claims)
    if (role === 'keyword' || role === 'part') holders.set(text, (holders.get(text) ?? new Set()).add(emoji));
  return new Map([...holders].filter(([, { size }]) => size > MOST_SHARED).map(([text, held]) => [text, [...held]]));
}

/** Of an emoji's words in one language those that people call it by: its name and everyday words, or the strongest where it has neither. */
export function commonWords(words: readonly Word[]): readonly Word[] {
  const common = words.filter(({ role }) => role === 'name' || role === 'everyday');
  return common.length > 0 ? common : words.slice(0, 1);
}

/** Reads the word lists of these emoji and settles which word means which. */
export function loadLexicon(emojis: readonly JoinedEmoji[]): Lexicon {
  const places = new Map(emojis.map(({ hexcode }, i) => [hexcode, i]));
  const characters = emojis.map((emoji, i) => ({
    ...{ text: characterOf(emoji), emoji: i, locale: 'en' as const, role: 'character' as const },
    strength: STRENGTH.character,
  }));
  const claims = [...characters, ...everydayClaims(emojis), ...wordNetClaims(places, emojis)];
  const broad = new Map<string, readonly number[]>();
  for (const locale of LOCALES) {
    const own = localeClaims(locale, places, emojis);
    const shared = sharedBy(own);
    for (const [text, held] of shared) if (!broad.has(text)) broad.set(text, held);
    claims.push(...own.filter(({ text, role }) => role === 'name' || !shared.has(text)));
  }
  claims.push(...pluralClaims(claims));
  const words = new Map<string, Claim>();
  // Of equals the language that is listed first wins, and English is.
  for (const claim of claims)
    if ((words.get(claim.text)?.strength ?? -1) < claim.strength) words.set(claim.text, claim);
  for (const [word, label] of everydayRows()) if (label === '-') words.delete(word);
  for (const text of words.keys()) broad.delete(text);
  const byPlace = new Map<string, Word[]>();
  for (const word of [...words.values()].sort((a, b) => b.strength - a.strength)) {
    const key = `${word.emoji}/${word.locale}`;
    byPlace.set(key, [...(byPlace.get(key) ?? []), word]);
  }
  return { words, broad, of: (emoji, locale) => byPlace.get(`${emoji}/${locale}`) ?? [] };
}
