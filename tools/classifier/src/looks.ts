import { openImageFolder, splitFolders } from '@lascaux/data';
import { check } from '@lascaux/nn';
import { columnOf } from './labels.js';

/** One noun in one style on one ground, and the caption that asks for it. */
export interface Look {
  readonly noun: string;
  readonly style: string;
  readonly ground: string;
  /** The caption. */
  readonly text: string;
  /** The split that shows it: a look of `test` was never trained on. Undefined where the data has no splits. */
  readonly split?: string;
}

/**
 * Every look of single drawings that rendered data shows, each once, with the caption it has there.
 * @throws {Error} when the folder is no imagefolder with columns noun, style and ground
 */
export async function readLooks(data: string): Promise<Look[]> {
  const splits = Object.keys(await splitFolders(data));
  const looks = new Map<string, Look>();
  for (const split of splits.length > 0 ? splits : [undefined]) {
    const set = await openImageFolder(data, { split });
    const [nouns, styles, grounds] = ['noun', 'style', 'ground'].map((column) => columnOf(set, column)) as [
      string[],
      string[],
      string[],
    ];
    nouns.forEach((noun, i) => {
      const scene = set.extra(i).scene as { kind?: unknown } | undefined;
      if ((scene?.kind ?? 'single') !== 'single') return;
      const look = { noun, style: styles[i]!, ground: grounds[i]!, text: set.caption(i), split };
      const key = keyOf(look);
      if (!looks.has(key)) looks.set(key, look);
    });
  }
  return [...looks.values()];
}

const keyOf = ({ noun, style, ground }: Pick<Look, 'noun' | 'style' | 'ground'>): string =>
  `${noun}/${style}/${ground}`;

/** The different values of one property of looks, in alphabetical order. */
export const valuesOf = (looks: readonly Look[], property: 'noun' | 'style' | 'ground'): string[] =>
  [...new Set(looks.map((look) => look[property]))].sort((a, b) => (a < b ? -1 : 1));

/**
 * `perNoun` looks of each noun, so that styles and grounds take turns from noun to noun; a noun with fewer looks repeats them.
 * @throws {LascauxError} naming a noun that has no look in these styles on these grounds
 */
export function chooseLooks(
  looks: readonly Look[],
  { perNoun, styles, grounds }: { perNoun: number; styles: readonly string[]; grounds: readonly string[] },
): Look[] {
  const known = new Map(looks.map((look) => [keyOf(look), look]));
  const turns = grounds.flatMap((ground) => styles.map((style) => ({ style, ground })));
  return valuesOf(looks, 'noun').flatMap((noun, i) => {
    const start = (i * perNoun) % turns.length;
    const order = [...turns.slice(start), ...turns.slice(0, start)];
    const own = order.flatMap((turn) => known.get(keyOf({ noun, ...turn })) ?? []);
    check(own.length > 0, {
      operation: 'paint',
      rule: 'no picture of the data has these styles and grounds',
      value: noun,
    });
    return Array.from({ length: perNoun }, (_, k) => own[k % own.length]!);
  });
}
