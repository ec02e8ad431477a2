import { cachePixels, openImageFolder, shuffledIndices } from '@lascaux/data';
import { columnOf, nounsOf } from './labels.js';

/** A render, RGB bytes [side, side, 3], and the noun that it shows. */
export interface Render {
  readonly bytes: Uint8Array;
  readonly noun: string;
}

/** An endless, seeded sequence of renders to learn from. */
export interface Renders {
  /** Every noun that is shown. */
  readonly nouns: readonly string[];
  /** Render `index`, at least until the next call. */
  render(index: number, side: number): Promise<Render>;
}

/** The images of a folder over and over, each time in another order. @throws {Error} naming the first image without a noun */
export async function folderRenders(folder: string, seed: number): Promise<Renders> {
  const set = cachePixels(await openImageFolder(folder));
  const nouns = columnOf(set, 'noun');
  const indexAt = shuffledIndices(set.length, seed);
  return {
    nouns: nounsOf(set),
    render: async (index, side) => {
      const i = indexAt(index);
      return { bytes: await set.pixels(i, side), noun: nouns[i]! };
    },
  };
}
