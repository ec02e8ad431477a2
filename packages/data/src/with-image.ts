import { stat } from 'node:fs/promises';
import { limits } from '@lascaux/nn';
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { BITMAP_HEADER_BYTES, bitmapMemory, decodeBitmap, isBitmap } from './bitmap.js';
import { budgetOf } from './budget.js';
import { checkFileSize, readImageFile, withFile } from './image-file.js';
import { checkImageKind } from './image-kind.js';
import { checkDecodingMemory, decodingMemory } from './image-memory.js';
import { checkPngTexts, type ReadBytes } from './png-texts.js';

/** An image file, and how it is opened. */
export interface ImageSource {
  /** A file's path, or its bytes. */
  readonly source: string | Uint8Array;
  /** The name that errors use. */
  readonly name: string;
  readonly options?: SharpOptions;
}

const PNG_BEGINS = 0x89;

/** Memory that decoding may take, of all images of this process together. */
const memory = budgetOf(limits.imageMemoryBytes);

/**
 * Looks at an image's first bytes, whatever its name.
 * @returns the bytes that decoding takes where it is a bitmap (BMP, PBM, PGM, PPM); undefined where `sharp` reads it
 * @throws {LascauxError} when it is HEIC, too large a bitmap, or of no format that holds pixels
 */
async function bytesAsBitmap({ source, name }: ImageSource): Promise<number | undefined> {
  const inspect = async (read: ReadBytes, fileBytes: number): Promise<number | undefined> => {
    const first = await read(0, BITMAP_HEADER_BYTES);
    if (isBitmap(first)) return bitmapMemory(first, { fileBytes, name });
    checkImageKind(first, name);
    if (first[0] === PNG_BEGINS) await checkPngTexts(read, name);
    return undefined;
  };
  if (typeof source === 'string') {
    const { size } = await stat(source);
    return withFile(source, (read) => inspect(read, size));
  }
  checkFileSize(source.length, name);
  return inspect(async (offset, length) => Promise.resolve(source.subarray(offset, offset + length)), source.length);
}

async function openBitmap({ source, name, options }: ImageSource): Promise<Sharp> {
  const bytes = typeof source === 'string' ? await readImageFile(source) : source;
  const { data, width, height, channels } = decodeBitmap(bytes, name);
  return sharp(data, { ...options, raw: { width, height, channels } });
}

/**
 * What an image file says about itself; only bitmaps are decoded.
 * @throws {LascauxError} when it is of no known format; the error of `sharp` or of the file system
 */
export async function imageFacts(source: ImageSource): Promise<Metadata> {
  const bitmapBytes = await bytesAsBitmap(source);
  if (bitmapBytes === undefined) return sharp(source.source, source.options).metadata();
  return memory.during(bitmapBytes, async () => (await openBitmap(source)).metadata());
}

/**
 * Decodes an image that anybody may have written: of a format that holds pixels, and not more of them at once than memory allows.
 * @returns what `work` makes of it
 * @throws {LascauxError} when it is of no known format or too large; the error of `sharp`, of the file system or of `work`
 */
export async function withImage<T>(
  source: ImageSource,
  work: (image: Sharp, metadata: Metadata) => Promise<T>,
): Promise<T> {
  const bitmapBytes = await bytesAsBitmap(source);
  if (bitmapBytes !== undefined)
    return memory.during(bitmapBytes, async () => {
      const image = await openBitmap(source);
      return work(image, await image.metadata());
    });
  const image = sharp(source.source, source.options);
  const metadata = await image.metadata();
  checkDecodingMemory(metadata, source.name);
  return memory.during(decodingMemory(metadata), () => work(image, metadata));
}
