import { randomStream } from '@lascaux/nn';
import { GROUNDS, RELATIONS, STYLES, THING_COLOURS, type PainterScene } from '@lascaux/scenes';
import { CODE_LENGTH, type AppearanceCodes } from './appearance.js';

/** Tokens of a prompt, start and end included: of captions 98.5 % leave the slots free. */
export const MAX_TOKENS = 40;
/** Numbers of a token as the denoiser reads it: an appearance code, or the signs of a class, and then which slot it is. */
export const TOKEN_LENGTH = 192;

/** What is told apart by a slot of its own, with the number of answers; "none" is the last where a scene may lack it. */
export const CLASSES = {
  style: STYLES.length,
  ground: GROUNDS.length,
  count: 4,
  relation: RELATIONS.length + 1,
  colourA: THING_COLOURS.length + 1,
  colourB: THING_COLOURS.length + 1,
} as const;
/** What a slot other than those of things tells. */
export type ClassName = keyof typeof CLASSES;
/** In the order of their slots. */
export const CLASS_NAMES = Object.keys(CLASSES) as readonly ClassName[];

/**
 * The last positions of a sequence. CLIP masks causally and fills up with end tokens, so these see the whole prompt and stand at fixed places,
 * whatever the language and its number of tokens: two for the things, one for each of the classes.
 */
export const SLOTS = 2 + CLASS_NAMES.length;

/** Number of a colour; the last one for its own. */
const colourNumber = (colour: string | null | undefined): number =>
  colour == null ? THING_COLOURS.length : THING_COLOURS.findIndex(({ name }) => name === colour);

/** Something for each class, by name. */
export const perClass = <T>(of: (name: ClassName, index: number) => T): Readonly<Record<ClassName, T>> =>
  Object.fromEntries(CLASS_NAMES.map((name, i) => [name, of(name, i)])) as Record<ClassName, T>;

/** The second thing of a scene, where it has one. */
export const secondThing = ({ kind, items }: PainterScene): PainterScene['items'][number] | undefined =>
  kind === 'relation' ? items[1] : undefined;

/** The classes of a scene, as numbers. */
export function sceneClasses(scene: PainterScene): Readonly<Record<ClassName, number>> {
  const { kind, style, ground, relation, items } = scene;
  return {
    style: STYLES.indexOf(style),
    ground: GROUNDS.findIndex(({ name }) => name === ground),
    count: kind === 'count' ? items.length - 1 : 0,
    relation: relation === null ? RELATIONS.length : RELATIONS.indexOf(relation),
    colourA: colourNumber(items[0]?.colour),
    colourB: colourNumber(secondThing(scene)?.colour),
  };
}

/** Numbers that say which slot a token is, after the code; as large as makes each slot plain. */
const TAG = (TOKEN_LENGTH - CODE_LENGTH) / SLOTS;
const TAG_SIZE = 3;

/** A token of a slot with the given code or signs. */
function tagged(slot: number, content: Float32Array): Float32Array {
  const token = new Float32Array(TOKEN_LENGTH);
  token.set(content);
  return token.fill(TAG_SIZE, CODE_LENGTH + slot * TAG, CODE_LENGTH + (slot + 1) * TAG);
}

/** Tokens of every answer of a class, [answers, TOKEN_LENGTH]: fixed signs, far from each other, and the slot's tag. */
function classTokens(name: ClassName): Float32Array {
  const answers = CLASSES[name];
  const slot = 2 + CLASS_NAMES.indexOf(name);
  const all = new Float32Array(answers * TOKEN_LENGTH);
  for (let answer = 0; answer < answers; answer++) {
    const signs = randomStream(`token of ${name}/${answer}`).normal(CODE_LENGTH).map(Math.sign);
    all.set(tagged(slot, signs), answer * TOKEN_LENGTH);
  }
  return all;
}

const classTable = perClass(classTokens);

/** Tokens of all answers, class by class, [answers, TOKEN_LENGTH]. */
export const answerTokens = (): Float32Array => Float32Array.from(CLASS_NAMES.flatMap((name) => [...classTable[name]]));

/** Answers of all classes. */
export const ANSWERS = CLASS_NAMES.reduce((sum, name) => sum + CLASSES[name], 0);

/** Where a class's answers begin among all. */
export const answersBefore = (name: ClassName): number =>
  CLASS_NAMES.slice(0, CLASS_NAMES.indexOf(name)).reduce((sum, other) => sum + CLASSES[other], 0);

/**
 * What the slots of a scene's captions say, [SLOTS, TOKEN_LENGTH]: what the text encoder learns to give and the denoiser to read, so that
 * neither waits for the other (docs/decisions/0165). Things have the code of their drawing in its own colour (none: zeros), classes fixed signs.
 */
export function slotTokens(scene: PainterScene, codes: AppearanceCodes): Float32Array {
  const second = secondThing(scene);
  const things = [scene.items[0], second].map((thing, slot) =>
    tagged(slot, thing === undefined ? new Float32Array(CODE_LENGTH) : codes.code(thing.emoji, scene.style)),
  );
  const classes = sceneClasses(scene);
  const tokens = new Float32Array(SLOTS * TOKEN_LENGTH);
  things.forEach((token, slot) => tokens.set(token, slot * TOKEN_LENGTH));
  CLASS_NAMES.forEach((name, i) => {
    const begin = classes[name] * TOKEN_LENGTH;
    tokens.set(classTable[name].subarray(begin, begin + TOKEN_LENGTH), (2 + i) * TOKEN_LENGTH);
  });
  return tokens;
}

/** Where the slots stand that every caption has, however long it is. */
export const FIRST_SLOT = MAX_TOKENS - SLOTS;

/**
 * All tokens of a caption, [MAX_TOKENS, TOKEN_LENGTH]: nothing where words stand, thing A where the text ends (from there its projection is
 * compared with images), and after that the slots by turns, so that the last places hold each once: what fills a text up sees all of it, and a
 * denoiser finds what it is told among few places of nothing. A caption of no words gives zeros alone.
 * @param end position of the caption's end token
 */
export function captionTokens(scene: PainterScene | undefined, end: number, codes: AppearanceCodes): Float32Array {
  const tokens = new Float32Array(MAX_TOKENS * TOKEN_LENGTH);
  if (scene === undefined) return tokens;
  const slots = slotTokens(scene, codes);
  const put = (place: number, slot: number): void =>
    tokens.set(slots.subarray(slot * TOKEN_LENGTH, (slot + 1) * TOKEN_LENGTH), place * TOKEN_LENGTH);
  put(end, 0);
  for (let place = Math.min(end + 1, FIRST_SLOT); place < MAX_TOKENS; place++) put(place, place % SLOTS);
  return tokens;
}
