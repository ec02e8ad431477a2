import type { NounRow } from './everyday.js';
import { englishPlural } from './words.js';

/** What follows the head of a name: "bowl | with spoon", "pot | of food". */
const TAIL = / (?:with|without|of|on|in|behind|at|over|showing|from|fluttering) .*$/;

/** CLDR names of things that are not counted and take no "a", beside those that end like a plural. */
const UNCOUNTED = new Set([
  ...['butter', 'bacon', 'bread', 'garlic', 'ginger root', 'popcorn', 'salt', 'cooked rice', 'curry rice', 'spaghetti'],
  ...[
    'custard',
    'sushi',
    'fondue',
    'shaved ice',
    'ice',
    'sake',
    'mate',
    'camping',
    'wood',
    'fog',
    'fire',
    'yarn',
    'thread',
  ],
  ...['dna', 'soap', 'construction', 'cooking', 'leafy green', 'field hockey', 'ice hockey', 'tennis', 'badminton'],
  ...['lacrosse', 'ping pong', 'bowling', 'canned food', 'oden'],
]);

/** A noun row made from a CLDR name: "two bowls with spoon", "jeans" without "a", "a clock at six-thirty". */
export function cldrRow(label: string): NounRow {
  if (/(?:o’clock|-thirty)$/.test(label))
    return { word: `clock at ${label}`, emoji: label, plural: `clocks at ${label}` };
  const tail = TAIL.exec(label)?.[0] ?? '';
  const head = label.slice(0, label.length - tail.length);
  if (UNCOUNTED.has(label) || isPlural(head)) return { word: label, plural: null, article: false };
  return { word: label, plural: head.includes(' and ') ? null : englishPlural(head) + tail };
}

/** What more than one of a name is called: "two bowls with spoon"; the name itself where it is not counted or a plural already. */
export const pluralOf = (name: string): string => cldrRow(name).plural ?? name;

/** "pancakes" is a plural; "glass", "bus", "iris" and "rhinoceros" are not. */
const isPlural = (word: string): boolean => /[^siu]s$/.test(word) && !word.endsWith('ceros');
