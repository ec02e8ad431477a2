import { randomStream } from '@lascaux/nn';
import { GROUNDS, RELATIONS, STYLES, THING_COLOURS, type PainterScene } from '@lascaux/scenes';
import { CODE_LENGTH, CODE_PARTS, type AppearanceCodes } from './appearance.js';

/** Tokens of a prompt, start, end and slots included. */
export const MAX_TOKENS = 42;
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
 * whatever the language and its number of tokens: for each of the two things as many as its code has parts, one for each of the classes.
 */
export const SLOTS = 2 * CODE_PARTS + CLASS_NAMES.length;

/** The first slots of thing A, of thing B, and of the classes. */
export const [SLOT_A, SLOT_B, SLOT_CLASSES] = [0, CODE_PARTS, 2 * CODE_PARTS] as const;

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

/** After the code stands one number for each slot, of this size in that slot's tokens and 0 elsewhere. */
export const TAG_SIZE = 3;

/** A token of a slot with the given code or signs. */
function tagged(slot: number, content: Float32Array): Float32Array {
  const token = new Float32Array(TOKEN_LENGTH);
  token.set(content);
  token[CODE_LENGTH + slot] = TAG_SIZE;
  return token;
}

/** Fixed signs of every answer of a class, far from each other, [CODE_LENGTH] each. */
export const classSigns = perClass((name) =>
  Array.from({ length: CLASSES[name] }, (_, answer) =>
    randomStream(`token of ${name}/${answer}`).normal(CODE_LENGTH).map(Math.sign),
  ),
);

/** The tokens of the answers of a class, [answers, TOKEN_LENGTH]. */
export function tokensOfClass(name: ClassName): Float32Array {
  const slot = SLOT_CLASSES + CLASS_NAMES.indexOf(name);
  return Float32Array.from(classSigns[name].flatMap((signs) => [...tagged(slot, signs)]));
}

/**
 * What the slots of a scene's captions say, [SLOTS, TOKEN_LENGTH]: what the text encoder learns to give and the denoiser to read, so that
 * neither waits for the other (docs/decisions/0165). Things have the code of their drawing in its own colour (none: zeros), classes fixed signs.
 */
export function slotTokens(scene: PainterScene, codes: AppearanceCodes): Float32Array {
  const second = secondThing(scene);
  const things = [scene.items[0], second].flatMap((thing, which) =>
    Array.from({ length: CODE_PARTS }, (_, part) => {
      const code = thing === undefined ? undefined : codes.code(thing.emoji, scene.style);
      const own = code?.subarray(part * CODE_LENGTH, (part + 1) * CODE_LENGTH) ?? new Float32Array(CODE_LENGTH);
      return tagged(which * CODE_PARTS + part, own);
    }),
  );
  const classes = sceneClasses(scene);
  const tokens = new Float32Array(SLOTS * TOKEN_LENGTH);
  things.forEach((token, slot) => tokens.set(token, slot * TOKEN_LENGTH));
  CLASS_NAMES.forEach((name, i) => {
    const slot = SLOT_CLASSES + i;
    tokens.set(tagged(slot, classSigns[name][classes[name]]!), slot * TOKEN_LENGTH);
  });
  return tokens;
}

/** Where the slots begin. */
export const FIRST_SLOT = MAX_TOKENS - SLOTS;

/** All tokens of a caption, [MAX_TOKENS, TOKEN_LENGTH]: the slots' at the last places, zeros where words stand. */
export function captionTokens(scene: PainterScene, codes: AppearanceCodes): Float32Array {
  const tokens = new Float32Array(MAX_TOKENS * TOKEN_LENGTH);
  tokens.set(slotTokens(scene, codes), FIRST_SLOT * TOKEN_LENGTH);
  return tokens;
}
