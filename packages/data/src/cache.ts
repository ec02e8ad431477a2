import type { ImageSet } from './image-set.js';

/** 2 GiB: 170,000 pictures of 64×64. */
const DEFAULT_MAX_BYTES = 2 ** 31;

/**
 * The same set, keeping decoded pictures in memory: each is decoded once per size, as long as all pictures of that size
 * fit into `maxBytes`; a size that does not fit is decoded each time. Callers must not write into the bytes they get.
 */
export function cachePixels(set: ImageSet, { maxBytes = DEFAULT_MAX_BYTES }: { maxBytes?: number } = {}): ImageSet {
  if (set.isGenerated === true) return set;
  const kept = new Map<number, (Promise<Uint8Array> | undefined)[]>();
  let free = maxBytes;

  /** The pictures of one size, or null when they do not fit. */
  const shelf = (size: number): (Promise<Uint8Array> | undefined)[] | null => {
    const known = kept.get(size);
    if (known) return known;
    const bytes = set.length * size * size * 3;
    if (!(bytes <= free)) return null;
    free -= bytes;
    const made = new Array<Promise<Uint8Array> | undefined>(set.length);
    kept.set(size, made);
    return made;
  };

  const pixels = async (i: number, size: number): Promise<Uint8Array> => {
    const pictures = shelf(size);
    if (!pictures) return set.pixels(i, size);
    pictures[i] ??= set.pixels(i, size).catch((error: unknown) => {
      pictures[i] = undefined; // a failed read may be tried again
      throw error;
    });
    return pictures[i];
  };
  return { ...set, pixels };
}
