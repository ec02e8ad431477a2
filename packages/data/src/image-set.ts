import { LascauxError } from '@lascaux/nn';
import type { LeftOut } from './left-out.js';

/** Where captions come from. */
export type CaptionSource = 'metadata' | 'sidecar' | 'class' | 'webdataset' | 'none';

/** Where a picture's bytes begin on disk. */
export interface PictureOrigin {
  /** The picture file, or the archive that holds it. */
  readonly file: string;
  /** Its place in an archive, in unpacked bytes; 0 for a file of its own. */
  readonly offset: number;
}

/** Pictures with captions, addressed by index; pixels are decoded when asked for. */
export interface ImageSet {
  /** Number of pictures. */
  readonly length: number;
  /** Where captions were looked for; `none` when there is no place for them. */
  readonly captionSource: CaptionSource;
  /** Images are made when asked for and never come again: they are taken in their own order, and not kept in memory. Default false. */
  readonly isGenerated?: boolean;
  /** What lay beside the pictures and is not part of the set. */
  readonly leftOut: readonly LeftOut[];
  /** What people should know about how the set was read, one line each. */
  readonly notes: readonly string[];
  /** The caption of picture i; empty where it has none. Throws when i is out of range. */
  caption(i: number): string;
  /** Where the caption of picture i comes from; `none` when it is empty. Throws when i is out of range. */
  captionSourceOf(i: number): CaptionSource;
  /** The name that errors and reports use: relative to the folder, or `shard/member`. Throws when i is out of range. */
  fileName(i: number): string;
  /** The other columns of picture i's metadata. Throws when i is out of range. */
  extra(i: number): Readonly<Record<string, unknown>>;
  /** Where picture i lies on disk. Throws when i is out of range. */
  origin(i: number): PictureOrigin;
  /** Length of picture i's file in bytes. */
  byteLength(i: number): Promise<number>;
  /** The bytes of picture i's file as they are. */
  bytes(i: number): Promise<Uint8Array>;
  /** RGB bytes [size, size, 3] of picture i, cut to the central square and resized. Rejects naming the file. */
  pixels(i: number, size: number): Promise<Uint8Array>;
}

/** The entry at i; throws when there is none. */
export function entryAt<T>(entries: readonly T[], i: number): T {
  const entry = entries[i];
  if (entry === undefined)
    throw new LascauxError({
      operation: 'image set',
      rule: `index must be a whole number below ${entries.length}`,
      value: i,
    });
  return entry;
}

/** The pictures of a set at these indices, in this order. Throws when an index is out of range. */
export function subset(set: ImageSet, indices: readonly number[]): ImageSet {
  for (const i of indices) set.fileName(i);
  const at = (i: number): number => entryAt(indices, i);
  return {
    ...set,
    length: indices.length,
    caption: (i) => set.caption(at(i)),
    captionSourceOf: (i) => set.captionSourceOf(at(i)),
    fileName: (i) => set.fileName(at(i)),
    extra: (i) => set.extra(at(i)),
    origin: (i) => set.origin(at(i)),
    byteLength: async (i) => set.byteLength(at(i)),
    bytes: async (i) => set.bytes(at(i)),
    pixels: async (i, size) => set.pixels(at(i), size),
  };
}
