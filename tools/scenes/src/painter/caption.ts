import type { RandomStream } from '@lascaux/data';
import { PLAIN_GROUND } from '../grounds.js';
import { pluralOf } from '../cldr.js';
import { withArticle } from '../words.js';
import type { PainterScene, PlacedDrawing } from './scene.js';
import { commonWords, type Lexicon, type Word } from './words/lexicon.js';
import { LOCALES, type Locale } from './words/locales.js';
import type { Phrases } from './words/phrases.js';

/** The style that captions do not name. */
export const PLAIN_STYLE = 'fluent';

/** What captions are made of. */
export interface CaptionSource {
  readonly lexicon: Lexicon;
  readonly phrases: ReadonlyMap<Locale, Phrases>;
}

/** How often captions are in English. */
const ENGLISH = 0.5;
/** How often a thing is called as people call it first, where there are other words for it. */
const BY_NAME = 0.6;
/** How often the emoji itself stands for its name. */
const BY_CHARACTER = 0.04;
/** How often something is said that goes without saying: the white ground, the plain style. */
const SAID_ANYWAY = 0.12;

/** Words that change nothing about a drawing: they are to be ignored. */
export const IDLE: readonly string[] = (
  'cute|beautiful|nice|simple|cartoon|little|lovely|detailed|cool|pretty|adorable|friendly|funny|colorful|minimalist|modern|shiny|flat|vector|kawaii|' +
  'realistic|high quality|amazing|perfect|fancy|tiny|big|large|small|young|old|happy|fluffy|wonderful'
).split('|');
/** What is written behind a comma and changes nothing either. */
export const TAILS: readonly string[] = (
  'high quality|4k|8k|detailed|best quality|masterpiece|simple|flat design|vector art|centered|trending on artstation|cartoon|clean|' +
  'digital art|isolated|minimal|sharp|studio lighting|emoji'
).split('|');

const pick = <T>(values: readonly T[], random: RandomStream): T => values[random.below(values.length)] as T;
const fill = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\{(\w)\}/g, (_, key: string) => values[key] ?? '');

/** A word for an emoji: what it is called first, or any of its other words; in English where the language has none. */
function wordFor(emoji: number, { locale, lexicon, random }: Voice): Word {
  const own = lexicon.of(emoji, locale);
  const usable = own.length > 0 ? own : lexicon.of(emoji, 'en');
  const spoken = usable.filter(({ role }) => role !== 'character' && role !== 'plural');
  const character = usable.find(({ role }) => role === 'character');
  if (spoken.length === 0 || (character !== undefined && random.next() < BY_CHARACTER)) return character ?? usable[0]!;
  return pick(random.next() < BY_NAME ? commonWords(spoken) : spoken, random);
}

interface Voice extends CaptionSource {
  readonly locale: Locale;
  readonly own: Phrases;
  readonly random: RandomStream;
}

const colourWord = (colour: string, { own, random }: Voice): string =>
  pick(own.colours.get(colour) ?? [colour], random);

/** "a red cat", "cat", "le chat rouge"; `bare`: without an article. */
function onePhrase({ emoji, colour }: PlacedDrawing, voice: Voice): string {
  const { locale, own, random } = voice;
  const word = wordFor(emoji, voice);
  const isEnglish = locale === 'en' || word.locale === 'en';
  const idle = isEnglish && random.next() < 0.06 ? `${pick(IDLE, random)} ` : '';
  if (isEnglish) {
    const noun = colour === null ? word.text : fill('{c} {n}', { c: colourWord(colour, voice), n: word.text });
    const roll = random.next();
    return word.role === 'character' || roll < 0.35
      ? idle + noun
      : roll < 0.95
        ? withArticle(idle + noun)
        : `the ${idle}${noun}`;
  }
  return colour === null
    ? fill(pick(own.one, random), { n: word.text })
    : fill(pick(own.coloured, random), { n: word.text, c: colourWord(colour, voice) });
}

function countPhrase(item: PlacedDrawing, count: number, voice: Voice): string {
  const { locale, own, random } = voice;
  const word = wordFor(item.emoji, voice);
  const bare = locale === 'en' && word.role !== 'character' ? pluralOf(word.text) : word.text;
  const noun =
    item.colour === null
      ? bare
      : fill(pick(locale === 'en' ? ['{c} {n}'] : [own.coloured[0]!], random), {
          n: bare,
          c: colourWord(item.colour, voice),
        });
  return fill(pick(own.counts[count]!, random), { n: noun });
}

function subject({ kind, relation, items }: PainterScene, voice: Voice): string {
  const [first, second] = items as readonly [PlacedDrawing, PlacedDrawing];
  if (kind === 'count') return countPhrase(first, items.length, voice);
  if (kind === 'single' || relation === null) return onePhrase(first, voice);
  return fill(pick(voice.own.relations[relation], voice.random), {
    a: onePhrase(first, voice),
    b: onePhrase(second, voice),
  });
}

/** Capitals, full stops, comma lists: how people type. */
function typed(text: string, { locale, random }: Voice): string {
  const tail = locale === 'en' && random.next() < 0.08 ? `, ${pick(TAILS, random)}` : '';
  const end = random.next() < 0.06 ? pick(['.', '!', ' ', '...'], random) : '';
  const whole = `${text}${tail}${end}`;
  return random.next() < 0.1 ? whole.charAt(0).toUpperCase() + whole.slice(1) : whole;
}

/** A caption of a scene: in one of the languages, with any of the words that lead to its drawings. A pure function of scene and stream. */
export function painterCaption(scene: PainterScene, source: CaptionSource, random: RandomStream): string {
  const locale = random.next() < ENGLISH ? 'en' : pick(LOCALES.slice(1), random);
  const voice: Voice = { ...source, locale, own: source.phrases.get(locale)!, random };
  const { own } = voice;
  let text = subject(scene, voice);
  if (random.next() < 0.15) text = fill(pick(own.picture, random), { n: text });
  if (scene.ground !== PLAIN_GROUND || random.next() < SAID_ANYWAY)
    text = fill(pick(own.ground, random), { x: text, c: colourWord(scene.ground, voice) });
  if (scene.style !== PLAIN_STYLE || random.next() < SAID_ANYWAY / 2)
    text = fill(pick(own.style, random), { x: text, s: scene.style });
  return typed(text, voice);
}
