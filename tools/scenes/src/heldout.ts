import { STYLES, type Style } from './art.js';
import { GROUNDS, PLAIN_GROUND } from './grounds.js';
import { hashText } from '@lascaux/data';

/** A way of showing a noun: an art style on a ground. */
export interface Look {
  readonly style: Style;
  readonly ground: string;
}

/** Every style on every ground. */
export const LOOKS: readonly Look[] = STYLES.flatMap((style) =>
  GROUNDS.map((ground) => ({ style, ground: ground.name })),
);

/**
 * The tenth of a noun's looks that training never sees: those whose seeded hashes are smallest. Each noun has the same
 * number of them, so no noun is missing from either split. The unnamed look (fluent on white, the bare caption "a cat")
 * always stays in training.
 */
export function heldOutLooks(word: string, seed: number): ReadonlySet<string> {
  const candidates = LOOKS.filter((look) => look.style !== 'fluent' || look.ground !== PLAIN_GROUND);
  const ranked = candidates
    .map((look) => ({ key: lookKey(look), rank: hashText(`held out/${seed}/${word}/${lookKey(look)}`) }))
    .sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1));
  return new Set(ranked.slice(0, Math.round(LOOKS.length / 10)).map((entry) => entry.key));
}

/** A text that identifies a look. */
export const lookKey = (look: Look): string => `${look.style}/${look.ground}`;
