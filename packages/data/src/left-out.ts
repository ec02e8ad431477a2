import { isUnreadImage } from './image-endings.js';

/** Files or samples of one kind that a set does not hold. */
export interface LeftOut {
  /** What they are: `.heic files`, `samples without an image`. */
  readonly kind: string;
  readonly count: number;
  /** The first of them. */
  readonly example: string;
  /** Whether they are images, so that a figure over the others is not that of the whole. */
  readonly isImage: boolean;
}

/** Counts what is left out, by kind. */
export interface LeftOutTally {
  readonly add: (kind: string, example: string, isImage: boolean) => void;
  /** Counts a file by its ending, lower case, without the dot. */
  readonly addFile: (ending: string, name: string) => void;
  readonly list: () => readonly LeftOut[];
}

/** A tally of nothing. */
export function leftOutTally(): LeftOutTally {
  const kinds = new Map<string, { kind: string; count: number; example: string; isImage: boolean }>();
  const add = (kind: string, example: string, isImage: boolean): void => {
    const known = kinds.get(kind);
    if (known) known.count++;
    else kinds.set(kind, { kind, count: 1, example, isImage });
  };
  return {
    add,
    addFile: (ending, name) =>
      add(ending === '' ? 'files without an ending' : `.${ending} files`, name, isUnreadImage(ending)),
    list: () => [...kinds.values()],
  };
}

/** `3 .heic files (a/1.heic; HEIC is not supported, convert it to JPEG), 2 .mp4 files (b.mp4)`. */
export function leftOutText(kinds: readonly LeftOut[]): string {
  const advice = (kind: string): string => (/^\.(heic|heics|hif|heifs) /.test(kind) ? `; ${HEIC_ADVICE}` : '');
  const counted = (kind: string, count: number): string =>
    count === 1 ? kind.replace(/\b(file|image|sample|folder)s\b/, '$1') : kind;
  return kinds
    .map(({ kind, count, example }) => `${count} ${counted(kind, count)} (${example}${advice(kind)})`)
    .join(', ');
}

/** What to do with a format whose decoder is encumbered by patents and in no build of libvips for npm. */
export const HEIC_ADVICE = 'HEIC is not supported, convert it to JPEG';
