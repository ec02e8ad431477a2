import { LascauxError } from '@lascaux/nn';
import type { ImageSet } from './image-set.js';

/** So many that none comes twice. */
const ENDLESS = 2 ** 40;

/** What `generatedSet` needs. */
export interface GeneratedSetOptions {
  /** RGB bytes [size, size, 3] of image i; a pure function of its arguments. */
  readonly pixels: (i: number, size: number) => Promise<Uint8Array>;
  /** What errors and reports call image i. */
  readonly fileName: (i: number) => string;
  /** The caption of image i; default: none. */
  readonly caption?: (i: number) => string;
}

/** An endless set of images that are made when asked for. They have no files: `bytes` and `byteLength` reject. */
export function generatedSet({ pixels, fileName, caption }: GeneratedSetOptions): ImageSet {
  const noFile = (i: number): Promise<never> =>
    Promise.reject(
      new LascauxError({ operation: fileName(i), rule: 'an image that is made when asked for has no file' }),
    );
  return {
    length: ENDLESS,
    isGenerated: true,
    captionSource: caption === undefined ? 'none' : 'metadata',
    leftOut: [],
    notes: [],
    caption: caption ?? (() => ''),
    captionSourceOf: () => (caption === undefined ? 'none' : 'metadata'),
    fileName,
    extra: () => ({}),
    origin: (i) => ({ file: fileName(i), offset: 0 }),
    byteLength: noFile,
    bytes: noFile,
    pixels,
  };
}
