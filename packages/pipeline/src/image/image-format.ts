import { extname } from 'node:path';
import { LascauxError } from '@lascaux/nn';

/** The file formats that pictures are written in. */
export type ImageFormat = 'png' | 'jpeg' | 'webp';

/** A file format, and how much of the image a lossy one keeps. */
export interface ImageEncoding {
  readonly format: ImageFormat;
  /** Of JPEG and WebP, 1 … 100; PNG loses nothing. Default 95. */
  readonly quality?: number;
}

const FORMATS: Readonly<Record<string, ImageFormat>> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.webp': 'webp',
};

/**
 * The format that a file's extension asks for.
 * @throws LascauxError (usage) for any other extension, with the list.
 */
export function imageFormatOf(path: string): ImageFormat {
  const format = FORMATS[extname(path).toLowerCase()];
  if (format !== undefined) return format;
  throw new LascauxError({
    option: 'out',
    rule: "the file's extension must name a picture format",
    value: path,
    accepted: Object.keys(FORMATS),
    kind: 'usage',
  });
}
