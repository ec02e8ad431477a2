import type { JoinedEmoji } from '../../art.js';
import { STYLES } from '../../art.js';
import { IDLE, TAILS, type CaptionSource } from '../caption.js';
import { normalWord, type Word } from './lexicon.js';
import type { Phrases } from './phrases.js';

/** Words between things in the templates' English that the templates themselves do not have. */
const ENGLISH = ['a', 'an', 'the', 'some', 'one', 'please', 'very'];
/** What separates words of a template: everything that is no letter, mark, number, apostrophe or hyphen. */
const GAPS = /[^\p{L}\p{M}\p{N}'’-]+/u;

/** All words of templates, without what stands in their braces. */
const templateWords = (templates: readonly string[]): readonly string[] =>
  templates.flatMap((template) =>
    template
      .replaceAll(/\{\w\}/g, ' ')
      .split(GAPS)
      .filter((word) => word !== ''),
  );

/** The words of a language's templates. */
const aroundOf = ({ one, picture, coloured, counts, relations, ground, style }: Phrases): readonly string[] =>
  templateWords([one, picture, coloured, ...Object.values(counts), ...Object.values(relations), ground, style].flat());

const coloursOf = ({ colours }: Phrases): readonly string[] =>
  [...colours].flatMap(([name, forms]) => [name, ...forms]);

/**
 * What the painter's captions are made of: every word that leads to a drawing with the drawing's English name, then every word that goes with
 * those (articles, colours, relations, styles, idle words) with nothing.
 */
export function paintedWords(
  { lexicon, phrases }: CaptionSource,
  emojis: readonly JoinedEmoji[],
): ReadonlyMap<string, string> {
  const byRole = [...lexicon.words.values()].sort((a, b) => Number(a.role === 'kind') - Number(b.role === 'kind'));
  const things = byRole.map(({ text, emoji }) => [text, emojis[emoji]!.label] as const);
  const known = new Map(things);
  const put = (word: string, isKept: (thing: Word) => boolean): void => {
    const thing = lexicon.words.get(normalWord(word));
    if (thing === undefined || !isKept(thing)) known.set(normalWord(word), '');
  };
  for (const own of phrases.values()) for (const word of [...aroundOf(own), ...coloursOf(own)]) put(word, () => true);
  const english = phrases.get('en')!;
  for (const word of [...ENGLISH, ...STYLES, ...IDLE, ...TAILS, ...aroundOf(english)]) put(word, () => false);
  // "red" is Spanish for a net, but what most people mean is the colour; an orange is both.
  for (const word of coloursOf(english)) put(word, ({ locale }) => locale === 'en');
  return known;
}
