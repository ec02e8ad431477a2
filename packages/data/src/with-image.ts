import { LascauxError, limits } from '@lascaux/nn';
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { budgetOf } from './budget.js';
import { decodeBmp, isBmp } from './bmp.js';
import { checkFileSize, readImageFile, withFile } from './image-file.js';
import { KIND_BYTES, checkImageKind } from './image-kind.js';
import { decodeNetpbm, isNetpbm } from './netpbm.js';
import { checkDecodingMemory, decodingMemory } from './image-memory.js';
import { checkPngTexts, type ReadBytes } from './png-texts.js';
import type { Raster } from './raster.js';

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
 * Opens an image by what its first bytes say, whatever its name: what `sharp` reads, and BMP, PBM, PGM and PPM.
 * @throws {LascauxError} when it is HEIC, a broken bitmap, or of no format that holds pixels
 */
async function open({ source, name, options }: ImageSource): Promise<Sharp> {
  let isBitmap = false;
  const look = async (read: ReadBytes): Promise<void> => {
    const first = await read(0, KIND_BYTES);
    isBitmap = isBmp(first) || isNetpbm(first);
    if (isBitmap) return;
    checkImageKind(first, name);
    if (first[0] === PNG_BEGINS) await checkPngTexts(read, name);
  };
  if (typeof source === 'string') await withFile(source, look);
  else {
    checkFileSize(source.length, name);
    await look(async (offset, length) => Promise.resolve(source.subarray(offset, offset + length)));
  }
  if (isBitmap) {
    const bytes = typeof source === 'string' ? await readImageFile(source) : source;
    const { data, width, height, channels } = decodeBitmap(bytes, name);
    return sharp(data, { ...options, raw: { width, height, channels } });
  }
  return sharp(source, options);
}

/** The decoders do not know the file's name. */
function decodeBitmap(bytes: Uint8Array, name: string): Raster {
  try {
    return isBmp(bytes) ? decodeBmp(bytes) : decodeNetpbm(bytes);
  } catch (cause) {
    if (!(cause instanceof LascauxError)) throw cause;
    throw new LascauxError({ operation: name, rule: cause.message, cause });
  }
}

/**
 * What an image file says about itself; nothing is decoded.
 * @throws {LascauxError} when it is of no known format; the error of `sharp` or of the file system
 */
export async function imageFacts(source: ImageSource): Promise<Metadata> {
  return (await open(source)).metadata();
}

/**
 * Decodes an image that anybody may have written: of a format that holds pixels, and not more of them at once than memory allows.
 * @returns what `work` makes of it
 * @throws {LascauxError} when it is of no known format or too large; the error of `sharp`, of the file system or of `work`
 */
export async function withImage<T>(
  source: ImageSource,
  work: (image: Sharp, facts: Metadata) => Promise<T>,
): Promise<T> {
  const image = await open(source);
  const facts = await image.metadata();
  checkDecodingMemory(facts, source.name);
  return memory.during(decodingMemory(facts), () => work(image, facts));
}
