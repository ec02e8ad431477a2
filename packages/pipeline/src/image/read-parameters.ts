import { readFile } from 'node:fs/promises';
import { LascauxError } from '@lascaux/nn';
import { HEIC_ADVICE, openImage } from '@lascaux/data';
import { readUserComment } from './exif-comment.js';
import { settingsIn, type ImageSettings, type ImageTexts } from './other-settings.js';
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
 * @throws LascauxError when the file cannot be read or is not a picture.
 */
export async function readImageInformation(path: string): Promise<ImageInformation> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadable('the file must be readable', path, cause);
  });
  try {
    // Called inside, for bytes that are none make `sharp` itself throw.
    const { format, width, height, exif } = await (await openImage(bytes, {})).metadata();
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
    const isHeic = cause instanceof Error && cause.message === HEIC_ADVICE;
    throw unreadable(isHeic ? HEIC_ADVICE : 'the file must be a picture (png, jpg, webp)', path, cause);
  }
}

const unreadable = (rule: string, value: string, cause: unknown): LascauxError =>
  new LascauxError({ operation: 'read picture', rule, value, kind: 'failure', cause });
