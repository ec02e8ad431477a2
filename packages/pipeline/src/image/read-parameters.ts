import { stat, readFile } from 'node:fs/promises';
import { imageFacts } from '@lascaux/data';
import { LascauxError, check, limits } from '@lascaux/nn';
import { PARAMETERS_KEYWORD } from './encode-image.js';
import { readUserComment } from './exif-comment.js';
import { isPng, readPngTexts } from './png-chunks.js';

/** What a picture file says about itself. */
export interface ImageInformation {
  format: string;
  width: number;
  height: number;
  /** The settings text, when the file carries one. */
  parameters?: string;
}

/**
 * Size, format and settings text of a PNG, JPEG or WebP file of ours or AUTOMATIC1111's.
 * @throws LascauxError when the file cannot be read or is not a picture.
 */
export async function readImageInformation(path: string): Promise<ImageInformation> {
  const bytes = await bytesOf(path);
  try {
    const { format, width, height, exif } = await imageFacts({ source: bytes, name: path });
    const parameters = isPng(bytes) ? readPngTexts(bytes)[PARAMETERS_KEYWORD] : exif && readUserComment(exif);
    return { format, width, height, ...(parameters === undefined ? {} : { parameters }) };
  } catch (cause) {
    if (cause instanceof LascauxError) throw unreadable(cause.rule, path, cause);
    throw unreadable('the file must be a picture (png, jpg, webp)', path, cause);
  }
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    const rule = `must have ${limits.imageFileBytes / 2 ** 20} MB or less`;
    check(size <= limits.imageFileBytes, { operation: path, rule, value: `${size} bytes` });
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof LascauxError) throw cause;
    throw unreadable('the file must be readable', path, cause);
  }
}

const unreadable = (rule: string, value: string, cause: unknown): LascauxError =>
  new LascauxError({ operation: 'read picture', rule, value, kind: 'failure', cause });
