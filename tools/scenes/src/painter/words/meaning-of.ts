import type { JoinedEmoji } from '../../art.js';
import type { Nouns, Synset } from './wordnet.js';

/** Lexicographers' files that fit emojibase's groups: 0 smileys, 1 people, 3 animals and nature, 4 food, 5 travel, 6 activities, 7 objects. */
const FILES: Readonly<Record<number, readonly number[]>> = {
  0: [8, 18, 6],
  1: [18, 8],
  3: [5, 20, 17, 19],
  4: [13, 20, 6],
  5: [6, 15, 17, 19],
  6: [6, 4, 18],
  7: [6, 10, 21, 17, 8],
};

/** Words of names that say how it is shown, not what it is. */
const HOW = /^(?:person|man|woman|people|men|women) | (?:face|sign|symbol|button|badge|wedge|emblem)$/;

/** Names to look up, the whole one first, then without what says how it is shown, then its last word. */
const candidates = (label: string): readonly string[] => {
  const bare = label.replace(HOW, '');
  return [...new Set([label, bare, bare.split(' ').at(-1) as string])];
};

/** The first fitting meaning of an emoji's name; undefined where WordNet has none. A guess, to be looked over. */
export function guessMeaning({ label, group }: JoinedEmoji, nouns: Nouns): Synset | undefined {
  const files = FILES[group] ?? [];
  for (const name of candidates(label)) {
    const meanings = nouns.meanings(name);
    const fitting = meanings.find(({ file }, rank) => files.includes(file) && rank < 4);
    if (fitting !== undefined) return fitting;
  }
  return undefined;
}
