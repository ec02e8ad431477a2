import type { RandomStream } from '@lascaux/data';
import { LOCALES, type Lexicon, type Word } from '@lascaux/scenes';
import type { ClipTokenizer } from '@lascaux/text-encoder';
import { LISTED, MAX_TOKENS } from './text-network.js';

/** Words in a row with the places where they end: many words are learned at the price of one caption. */
export interface WordList {
  /** [MAX_TOKENS] */
  readonly ids: readonly number[];
  /** Position of each word's last token; 0 where there was no room for the word. */
  readonly ends: readonly number[];
  /** The emoji that each leads to; undefined where there was no room for the word. */
  readonly nouns: readonly (number | undefined)[];
}

/** What lists are drawn from. */
export interface WordListSource {
  readonly lexicon: Lexicon;
  readonly tokenizer: ClipTokenizer;
  /** How many emoji there are. */
  readonly nouns: number;
}

/** How often a list's word is any of all words, of which most are kinds of things in English; else an emoji in a language is drawn first. */
const ANY = 0.25;
const ENGLISH = 0.3;
const BY_NAME = 0.6;

/** Draws words that lead to emoji. */
export function wordDrawer({ lexicon, nouns }: WordListSource): (random: RandomStream) => Word {
  const all = [...lexicon.words.values()];
  return (random) => {
    if (random.next() < ANY) return all[random.below(all.length)]!;
    const locale = random.next() < ENGLISH ? 'en' : LOCALES[1 + random.below(LOCALES.length - 1)]!;
    const own = lexicon.of(random.below(nouns), locale);
    if (own.length === 0) return all[random.below(all.length)]!;
    return random.next() < BY_NAME ? own[0]! : own[random.below(own.length)]!;
  };
}

/** The token ids of a text between start and end. */
export function tokensOf(tokenizer: ClipTokenizer, text: string): readonly number[] {
  const { ids } = tokenizer.encode(text);
  return ids.slice(1, ids.indexOf(tokenizer.endId));
}

/** A list of words with commas between, as many as have room. */
export function wordList(
  { tokenizer }: WordListSource,
  draw: (random: RandomStream) => Word,
  random: RandomStream,
): WordList {
  const comma = tokensOf(tokenizer, ',');
  const ids = [tokenizer.startId];
  const ends: number[] = [];
  const nouns: (number | undefined)[] = [];
  for (let k = 0; k < LISTED; k++) {
    const { text, emoji } = draw(random);
    const tokens = [...(k === 0 ? [] : comma), ...tokensOf(tokenizer, text)];
    const hasRoom = tokens.length > 0 && ids.length + tokens.length < MAX_TOKENS;
    if (hasRoom) ids.push(...tokens);
    ends.push(hasRoom ? ids.length - 1 : 0);
    nouns.push(hasRoom ? emoji : undefined);
  }
  while (ids.length < MAX_TOKENS) ids.push(tokenizer.endId);
  return { ids, ends, nouns };
}
