import type { CaptionSource } from './image-set.js';

/** A picture of a folder. */
export interface ListedImage {
  /** Path relative to the folder. */
  readonly name: string;
  readonly caption: string;
  readonly captionSource: CaptionSource;
  readonly extra: Readonly<Record<string, unknown>>;
}

/** The pictures of a folder with what was found out about them. */
export interface Listing {
  readonly images: readonly ListedImage[];
  readonly captionSource: CaptionSource;
  readonly notes: readonly string[];
}

/** A picture with its caption; an empty caption has no source. */
export const listed = (
  name: string,
  { caption, source, extra = {} }: { caption: string; source: CaptionSource; extra?: Record<string, unknown> },
): ListedImage => ({ name, caption, captionSource: caption === '' ? 'none' : source, extra });
