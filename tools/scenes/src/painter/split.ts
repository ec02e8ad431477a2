import { hashText } from '@lascaux/data';
import type { JoinedEmoji } from '../art.js';
import { groundNamed } from '../grounds.js';
import type { Drawing } from '../composite.js';
import { visibleShare } from '../faint.js';
import type { PainterScene } from './scene.js';
import type { Thumbnails } from './thumbnails.js';
import { THUMBNAIL_SIDE } from './thumbnails.js';

/** One of so many combinations is kept out of training. */
const ONE_OF = 20;
/** A drawing is seen when at least this share of its area stands out from the ground. */
const VISIBLE = 0.15;

/** What a scene combines that could be left out: a noun with a count, with a colour, with another noun. */
function combinations({ kind, items }: PainterScene, emojis: readonly JoinedEmoji[]): readonly string[] {
  const [first, second] = items.map(({ emoji }) => emojis[emoji]!.hexcode);
  const colours = items.flatMap(({ colour }, i) =>
    colour === null ? [] : `colour/${emojis[items[i]!.emoji]!.hexcode}/${colour}`,
  );
  if (kind === 'count') return [`count/${first}/${items.length}`, ...colours];
  return kind === 'relation' ? [`pair/${[first, second].sort().join('/')}`, ...colours] : colours;
}

/** Whether a scene has a combination that training never shows; whole nouns are never left out. */
export const isHeldOut = (scene: PainterScene, emojis: readonly JoinedEmoji[]): boolean =>
  combinations(scene, emojis).some((key) => hashText(`held out/${key}`) % ONE_OF === 0);

/** Tells scenes in which a thing can hardly be seen on its ground: a yellow star on yellow. */
export function faintness(small: Thumbnails): (scene: PainterScene) => boolean {
  const known = new Map<string, boolean>();
  const drawingOf = (values: Float32Array): Drawing => ({
    side: THUMBNAIL_SIDE,
    rgba: values.map((value, i) => (i % 4 === 3 ? value : value * 255)),
  });
  return ({ style, ground, items }) =>
    items.some(({ emoji, colour }) => {
      const key = `${emoji}/${style}/${colour ?? ''}/${ground}`;
      const isFaint =
        known.get(key) ?? visibleShare(drawingOf(small.values(emoji, style, colour)), groundNamed(ground)) < VISIBLE;
      known.set(key, isFaint);
      return isFaint;
    });
}
