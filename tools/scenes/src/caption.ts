import { PLAIN_GROUND } from './grounds.js';
import type { Noun } from './nouns.js';
import type { Scene } from './scene.js';

const COUNTS: Record<number, string> = { 2: 'two', 3: 'three' };

/**
 * A scene in words: "a cat", "two cats on a blue background", "a dog to the left of a pizza, in the style of noto".
 * The white ground and the fluent style go without saying.
 */
export function captionOf(scene: Scene, nouns: ReadonlyMap<string, Noun>): string {
  const ground = scene.ground === PLAIN_GROUND ? '' : ` on ${groundPhrase(scene.ground)} background`;
  const style = scene.style === 'fluent' ? '' : `, in the style of ${scene.style}`;
  return subject(scene, nouns) + ground + style;
}

function subject(scene: Scene, nouns: ReadonlyMap<string, Noun>): string {
  const [first, second] = scene.items.map((item) => nounOf(item.word, nouns));
  if (!first) throw new Error('caption: a scene must have an item, got none');
  if (scene.relation !== null && second) return `${first.one} ${scene.relation} ${second.one}`;
  if (scene.items.length === 1) return first.one;
  return `${COUNTS[scene.items.length] ?? scene.items.length} ${first.many ?? first.word}`;
}

const groundPhrase = (name: string): string => `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;

function nounOf(word: string, nouns: ReadonlyMap<string, Noun>): Noun {
  const noun = nouns.get(word);
  if (!noun) throw new Error(`caption: must be a noun of the list, got "${word}"`);
  return noun;
}
