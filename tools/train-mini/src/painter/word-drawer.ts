import type { RandomStream } from '@lascaux/data';
import {
  commonWords,
  LOCALES,
  PLAIN_GROUND,
  PLAIN_STYLE,
  type Lexicon,
  type PainterScene,
  type Word,
} from '@lascaux/scenes';
import type { ClipTokenizer } from '@lascaux/text-encoder';

/** What words are drawn from. */
export interface WordSource {
  readonly lexicon: Lexicon;
  readonly tokenizer: ClipTokenizer;
  /** How many emoji there are. */
  readonly nouns: number;
}

/** How often a word is any of all words, of which most are kinds of things in English; else an emoji in a language is drawn first. */
const ANY = 0.25;
const ENGLISH = 0.3;
/** How often it is then what people call the emoji first, or the plural of that. */
const COMMON = 0.6;

/** Draws words that lead to emoji. */
export function wordDrawer({ lexicon, nouns }: WordSource): (random: RandomStream) => Word {
  const all = [...lexicon.words.values()];
  return (random) => {
    if (random.next() < ANY) return all[random.below(all.length)]!;
    const locale = random.next() < ENGLISH ? 'en' : LOCALES[1 + random.below(LOCALES.length - 1)]!;
    const own = lexicon.of(random.below(nouns), locale);
    if (own.length === 0) return all[random.below(all.length)]!;
    const plurals = own.filter(({ role }) => role === 'plural');
    const drawn = random.next() < COMMON ? [...commonWords(own), ...plurals] : own;
    return drawn[random.below(drawn.length)]!;
  };
}

/** What a word alone shows. */
export const plainScene = (emoji: number): PainterScene => ({
  kind: 'single',
  style: PLAIN_STYLE,
  ground: PLAIN_GROUND,
  relation: null,
  items: [{ emoji, colour: null, x: 0, y: 0, side: 0 }],
});

/** The token ids of a text between start and end. */
export function tokensOf(tokenizer: ClipTokenizer, text: string): readonly number[] {
  const { ids } = tokenizer.encode(text);
  return ids.slice(1, ids.indexOf(tokenizer.endId));
}
