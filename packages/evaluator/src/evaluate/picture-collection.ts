import { stat } from 'node:fs/promises';
import { openImageFolder, openWebDataset, type ImageSet } from '@lascaux/data';
import type { PictureSource, RgbPicture } from '../index.js';
import { check } from '@lascaux/nn';
import { decodePicture, type AlphaRule } from './decode-picture.js';
import { fileStamp } from './file-stamp.js';
import { openSprites } from './sprites.js';

/** Pictures of one side of an evaluation, none of them read yet. */
export interface PictureCollection {
  readonly kind: 'folder' | 'webdataset' | 'sprites' | 'images';
  readonly sources: readonly PictureSource[];
  /** Captions and labels; sprites have none. */
  readonly set?: ImageSet;
  /** What the pictures were found by, for what is said about them: also of a folder of sprites. */
  readonly found?: ImageSet;
}

/** How pictures are found and decoded. */
export interface CollectionOptions {
  readonly alpha: AlphaRule;
  /** The pictures of a folder are sprites. */
  readonly sprites: boolean;
  readonly split?: string;
  readonly captionColumn?: string;
  /** Told the name of each picture with transparent parts, when it is decoded. */
  readonly onTransparent?: (name: string) => void;
}

const isArchive = (path: string): boolean => /\.(tar|tgz|tar\.\w+)$/i.test(path);

/**
 * Opens a folder (imagefolder), WebDataset archives (also `name-{000..012}.tar`), or sprites: a picture file, or a folder of them.
 *
 * @throws LascauxError (usage) when there is no such thing; Error when it is broken or empty.
 */
export async function openPictures(path: string, options: CollectionOptions): Promise<PictureCollection> {
  const { split, captionColumn } = options;
  if (isArchive(path)) return fromSet(await openWebDataset(path, { captionColumn }), 'webdataset', options);
  const entry = await stat(path).catch(() => undefined);
  check(entry !== undefined, {
    operation: 'evaluate',
    rule: 'no such file or folder',
    value: path,
    accepted: ['a folder of pictures', '.tar', '.npz', '.npy', 'a sprites .png'],
    kind: 'usage',
  });
  if (entry.isFile()) return { kind: 'sprites', sources: await openSprites([path]) };
  const set = await openImageFolder(path, { split, captionColumn });
  if (!options.sprites) return fromSet(set, 'folder', options);
  const files = Array.from({ length: set.length }, (_, i) => set.origin(i).file);
  return { kind: 'sprites', found: set, sources: await openSprites(files) };
}

/** An opened set as a collection. */
export function fromSet(
  set: ImageSet,
  kind: PictureCollection['kind'],
  { alpha, onTransparent }: CollectionOptions,
): PictureCollection {
  const sources = Array.from({ length: set.length }, (_, i): PictureSource => {
    const name = set.fileName(i);
    return {
      name,
      read: () => set.bytes(i),
      decode: (bytes) => decodePicture(bytes, { name, alpha, onTransparent }),
      stamp: async () => {
        const { file, offset } = set.origin(i);
        return `${await fileStamp(file)}|${offset}|${alpha}`;
      },
    };
  });
  return { kind, set, found: set, sources };
}

/** Decoded images as a collection. */
export function fromImages(images: readonly RgbPicture[], name: string): PictureCollection {
  const sources = images.map((image, i): PictureSource => {
    // The size is part of what is hashed: other images may have the same bytes.
    const size = new Uint8Array(Uint32Array.of(image.width, image.height).buffer);
    return {
      name: `${name} ${i}`,
      read: () => Promise.resolve(joined(size, image.pixels)),
      decode: () => Promise.resolve(image),
    };
  });
  return { kind: 'images', sources };
}

function joined(head: Uint8Array, tail: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}
