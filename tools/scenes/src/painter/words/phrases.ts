import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GROUNDS } from '../../grounds.js';
import type { Locale } from './locales.js';

/** How a language puts things: templates with `{n}` a noun, `{c}` a colour, `{a}` and `{b}` two things, `{x}` all of it, `{s}` a style. */
export interface Phrases {
  readonly one: readonly string[];
  readonly picture: readonly string[];
  readonly coloured: readonly string[];
  /** By count, 2 to 4. */
  readonly counts: Readonly<Record<number, readonly string[]>>;
  readonly relations: Readonly<Record<'left' | 'right' | 'above' | 'below' | 'front' | 'and', readonly string[]>>;
  readonly ground: readonly string[];
  readonly style: readonly string[];
  /** Forms of each colour, by its English name. */
  readonly colours: ReadonlyMap<string, readonly string[]>;
}

/** The order of the colours in the file. */
const COLOUR_ORDER = [
  'red',
  'orange',
  'yellow',
  'green',
  'blue',
  'light blue',
  'purple',
  'pink',
  'brown',
  'black',
  'white',
  'gray',
];

const English: Phrases = {
  one: [],
  picture: [
    ...['a photo of {n}', 'photo of {n}', 'a picture of {n}', 'an image of {n}', 'a drawing of {n}', 'drawing of {n}'],
    ...['an illustration of {n}', 'logo of {n}', 'icon of {n}', 'a sticker of {n}', 'a painting of {n}', '{n} icon'],
    ...[
      '{n} sticker',
      '{n} emoji',
      '{n} clipart',
      'a sketch of {n}',
      'draw {n}',
      'show me {n}',
      'please draw {n}',
      'create an image of {n}',
    ],
  ],
  coloured: ['{c} {n}'],
  counts: {
    2: ['two {n}', '2 {n}', 'a pair of {n}', 'a couple of {n}'],
    3: ['three {n}', '3 {n}'],
    4: ['four {n}', '4 {n}'],
  },
  relations: {
    left: ['{a} to the left of {b}', '{a} left of {b}', '{a} on the left of {b}', '{a} on the left, {b} on the right'],
    right: [
      '{a} to the right of {b}',
      '{a} right of {b}',
      '{a} on the right of {b}',
      '{a} on the right, {b} on the left',
    ],
    above: ['{a} above {b}', '{a} over {b}', '{a} on top of {b}'],
    below: ['{a} below {b}', '{a} under {b}', '{a} beneath {b}', '{a} underneath {b}'],
    front: ['{a} in front of {b}', '{b} behind {a}'],
    and: ['{a} and {b}', '{a} with {b}', '{a}, {b}', '{a} next to {b}', '{a} beside {b}'],
  },
  ground: [
    '{x} on a {c} background',
    '{x} on {c} background',
    '{x}, {c} background',
    '{x} on {c}',
    '{x} with a {c} background',
    '{x} against a {c} background',
  ],
  style: ['{x} in the style of {s}', '{x}, in the style of {s}', '{x} in {s} style', '{x}, {s} style', '{x}, {s}'],
  colours: new Map(
    GROUNDS.map(({ name }) => [
      name,
      name === 'gray' ? ['gray', 'grey'] : name === 'light blue' ? ['light blue', 'sky blue'] : [name],
    ]),
  ),
};

const parts = (field: string | undefined): readonly string[] => (field ?? '').split('|');

function parseRow(fields: readonly string[]): Phrases {
  const [, one, picture, coloured, two, three, four, left, right, above, below, front, and, ground, style, colours] =
    fields;
  return {
    one: parts(one),
    picture: parts(picture),
    coloured: parts(coloured),
    counts: { 2: parts(two), 3: parts(three), 4: parts(four) },
    relations: {
      ...{ left: parts(left), right: parts(right), above: parts(above) },
      ...{ below: parts(below), front: parts(front), and: parts(and) },
    },
    ground: parts(ground),
    style: parts(style),
    colours: new Map(parts(colours).map((forms, i) => [COLOUR_ORDER[i] as string, forms.split('/')])),
  };
}

/** The phrases of every language. */
export function loadPhrases(): ReadonlyMap<Locale, Phrases> {
  const text = readFileSync(fileURLToPath(new URL('../../../words/phrases.tsv', import.meta.url)), 'utf8');
  const rows = text
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.split('\t'));
  return new Map([['en', English], ...rows.map((fields) => [fields[0] as Locale, parseRow(fields)] as const)]);
}
