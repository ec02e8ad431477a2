import { createHash } from 'node:crypto';
import { check } from '@lascaux/nn';
import sharp from 'sharp';
import { entryAt, type ImageSet } from './image-set.js';

/** A decoded image with its caption. */
export interface InMemoryImage {
  /** RGB bytes [height, width, 3]. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly caption?: string;
}

/** Digits of the hash in a name. */
const DIGITS = 12;

/**
 * Decoded images as a set. Their names hold a hash of their pixels, so that what is kept of one set is not taken for another's.
 * @throws LascauxError (usage) naming the image whose bytes are not of its size.
 */
export function imageSetFrom(images: readonly InMemoryImage[]): ImageSet {
  const names = images.map(({ pixels, width, height }, i) => {
    const rule = `image ${i} must have ${width}·${height}·3 bytes`;
    check(pixels.length === width * height * 3, { option: 'images', rule, value: pixels.length, kind: 'usage' });
    return `image ${i}, ${createHash('sha256').update(pixels).digest('hex').slice(0, DIGITS)}`;
  });
  const caption = (i: number): string => entryAt(images, i).caption ?? '';
  return {
    length: images.length,
    captionSource: images.some((image) => image.caption !== undefined) ? 'metadata' : 'none',
    leftOut: [],
    notes: [],
    caption,
    captionSourceOf: (i) => (caption(i) === '' ? 'none' : 'metadata'),
    fileName: (i) => entryAt(names, i),
    extra: () => ({}),
    origin: (i) => ({ file: entryAt(names, i), offset: 0 }),
    byteLength: (i) => Promise.resolve(entryAt(images, i).pixels.length),
    bytes: (i) => Promise.resolve(entryAt(images, i).pixels),
    pixels: async (i, size) => {
      const { pixels, width, height } = entryAt(images, i);
      const data = await sharp(pixels, { raw: { width, height, channels: 3 } })
        .resize(size, size, { fit: 'cover', position: 'centre' })
        .raw()
        .toBuffer();
      return new Uint8Array(data);
    },
  };
}
