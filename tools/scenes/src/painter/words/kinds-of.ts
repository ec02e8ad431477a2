import type { Nouns, Synset } from './wordnet.js';

/** Levels below a noun that are taken: "dog" → "terrier" → "bull terrier". */
const DEPTH = 3;
/** Of a noun with very many kinds, those nearest to it. */
const MOST = 400;

/** Words of a set that mean it before anything else; "boxer" is not taken for a dog, since it is a fighter first. */
const firstMeanings = (nouns: Nouns, synset: Synset): readonly string[] =>
  synset.words.filter((word) => nouns.meanings(word)[0]?.id === synset.id).map((word) => word.toLowerCase());

/** Other words for a noun, whatever else they may mean. */
export const synonymsOf = (nouns: Nouns, synset: Synset): readonly string[] => {
  const rank = (word: string): number => nouns.meanings(word).findIndex(({ id }) => id === synset.id);
  return synset.words.filter((word) => rank(word) <= 1).map((word) => word.toLowerCase());
};

/** Words for kinds of it, level by level. */
export function kindsOf(nouns: Nouns, synset: Synset): readonly string[] {
  const words = new Set<string>();
  const seen = new Set([synset.id]);
  let level: readonly Synset[] = [synset];
  for (let depth = 0; depth < DEPTH && words.size < MOST; depth++) {
    level = level.flatMap(({ hyponyms }) => hyponyms.flatMap((id) => (seen.has(id) ? [] : (nouns.synset(id) ?? []))));
    for (const kind of level) {
      seen.add(kind.id);
      for (const word of firstMeanings(nouns, kind)) if (words.size < MOST) words.add(word);
    }
  }
  return [...words];
}
