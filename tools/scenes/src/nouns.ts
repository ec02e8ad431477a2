import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { joinArt, type JoinedEmoji } from './art.js';
import { EVERYDAY, type NounRow } from './everyday.js';
import { cldrRow } from './cldr.js';
import { plural, singular } from './words.js';

/** A drawable noun with the words that captions use. */
export interface Noun {
  /** The spoken word, unique in a list: "cat". */
  readonly word: string;
  /** The phrase for one of it: "a cat", "cherries". */
  readonly one: string;
  /** The plural for counts: "cats"; null when it is not counted. */
  readonly many: string | null;
  readonly emoji: JoinedEmoji;
}

const Rows = z
  .array(
    z.strictObject({
      word: z.string().min(1),
      emoji: z.string().optional(),
      plural: z.string().nullable().optional(),
      article: z.boolean().optional(),
    }),
  )
  .min(1);

/** emojibase groups whose members are things: smileys, animals and nature, food, travel, activities, objects. */
const THING_GROUPS = new Set([0, 3, 4, 5, 6, 7]);

/** The nouns of a preset (`everyday`, `all`) or of a JSON file of rows `{word, emoji?, plural?, article?}`. */
export function loadNouns(presetOrFile: string): Noun[] {
  const emojis = joinArt();
  if (presetOrFile === 'everyday') return joinRows(EVERYDAY, emojis);
  if (presetOrFile === 'all') return joinRows(allRows(emojis), emojis);
  return joinRows(readRows(presetOrFile), emojis);
}

function readRows(file: string): NounRow[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new Error(`nouns: must be everyday, all or a readable JSON file, got "${file}"`);
  }
  return Rows.parse(JSON.parse(text));
}

/** The everyday words first, then every other emoji under its CLDR name unless an everyday word already has that name. */
function allRows(emojis: readonly JoinedEmoji[]): NounRow[] {
  const taken = new Set(EVERYDAY.flatMap((row) => [row.word, row.emoji ?? row.word]));
  const others = emojis.filter((emoji) => THING_GROUPS.has(emoji.group) && !taken.has(emoji.label));
  return [...EVERYDAY, ...others.map((emoji) => cldrRow(emoji.label))];
}

function joinRows(rows: readonly NounRow[], emojis: readonly JoinedEmoji[]): Noun[] {
  const byLabel = new Map(emojis.map((emoji) => [emoji.label, emoji]));
  const words = new Set<string>();
  return rows.map((row) => {
    const label = row.emoji ?? row.word;
    const emoji = byLabel.get(label);
    if (!emoji) throw new Error(`nouns: must name an emoji that all three art sets draw, got "${label}"`);
    if (words.has(row.word)) throw new Error(`nouns: words must be unique, got "${row.word}" twice`);
    words.add(row.word);
    return { word: row.word, one: singular(row), many: plural(row), emoji };
  });
}
