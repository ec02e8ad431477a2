import { stat, readFile } from 'node:fs/promises';
import { imageFacts } from '@lascaux/data';
import { LascauxError, check, limits } from '@lascaux/nn';
import { readUserComment } from './exif-comment.js';
import type { ImageSettings, ImageTexts } from './image-settings.js';
import { settingsIn } from './other-settings.js';
import { isPng, readPngTexts } from './png-chunks.js';

/** What a picture file says about itself. */
export interface ImageInformation {
  format: string;
  width: number;
  height: number;
  /** The settings text in AUTOMATIC1111's form, when the file carries one. */
  parameters?: string;
  /** The settings in that text or another program's form, where they can be read. */
  settings?: ImageSettings;
  /** All texts of the file by keyword; an EXIF comment is `UserComment`. */
  texts: ImageTexts;
}

/**
 * Size, format, texts and settings of a PNG, JPEG or WebP file of ours, AUTOMATIC1111's, or another program's.
 * @param input a file's path, or its bytes
 * @throws LascauxError when the file cannot be read or is not a picture.
 */
export async function readImageInformation(input: string | Uint8Array): Promise<ImageInformation> {
  const path = typeof input === 'string' ? input : 'image';
  const bytes = typeof input === 'string' ? await bytesOf(input) : input;
  try {
    // Called inside, for bytes that are none make `sharp` itself throw.
    const { format, width, height, exif } = await imageFacts({ source: bytes, name: path });
    const comment = exif && readUserComment(exif);
    const texts = isPng(bytes) ? readPngTexts(bytes) : comment === undefined ? {} : { UserComment: comment };
    const settings = settingsIn(texts);
    const parameters = settings?.program === undefined ? (texts.parameters ?? texts.UserComment) : undefined;
    return {
      format: String(format) === 'raw' ? 'bitmap' : format,
      width,
      height,
      texts,
      ...(parameters === undefined ? {} : { parameters }),
      ...(settings === undefined ? {} : { settings }),
    };
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
