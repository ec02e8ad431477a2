import { STYLES } from './art.js';
import type { Drawing } from './composite.js';
import { rasterise } from './drawing.js';
import { GROUNDS, type Ground } from './grounds.js';
import { lookKey } from './heldout.js';
import type { Noun } from './nouns.js';

/** Keys of the looks in which a noun can hardly be seen, by word. */
export type FaintLooks = ReadonlyMap<string, ReadonlySet<string>>;

/** Pixels of a side at which drawings are measured; colours need no detail. */
const SIDE = 32;
/** A colour this far from the ground (Euclidean, 8-bit RGB) stands out: the yellows of a star and of the yellow ground do not. */
const DISTANCE = 40;
/** A drawing is seen when at least this share of its area stands out. */
const SHARE = 0.15;

/** Finds the looks that are left out of scenes because the drawing nearly has the ground's colour: a yellow star on yellow. */
export async function findFaintLooks(nouns: readonly Noun[]): Promise<FaintLooks> {
  const entries = nouns.map(async (noun) => [noun.word, await faintLooksOf(noun)] as const);
  return new Map(await Promise.all(entries));
}

async function faintLooksOf(noun: Noun): Promise<ReadonlySet<string>> {
  const faint = new Set<string>();
  for (const style of STYLES) {
    const drawing = await rasterise(noun.emoji.svg[style], SIDE);
    for (const ground of GROUNDS) {
      if (visibleShare(drawing, ground) < SHARE) faint.add(lookKey({ style, ground: ground.name }));
    }
  }
  return faint;
}

/** The share of a drawing's area, weighted by alpha, whose colour stands out from the ground. */
export function visibleShare({ rgba }: Drawing, { rgb }: Ground): number {
  let area = 0;
  let visible = 0;
  for (let i = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3]!;
    if (alpha === 0) continue;
    const distance = Math.hypot(...rgb.map((value, channel) => rgba[i + channel]! / alpha - value));
    area += alpha;
    if (distance > DISTANCE) visible += alpha;
  }
  return area === 0 ? 0 : visible / area;
}
