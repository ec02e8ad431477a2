import { join, posix } from 'node:path';
import { limits } from '@lascaux/nn';
import { listed, type ListedImage, type Listing } from './folder-listing.js';
import { extension } from './image-endings.js';
import type { LeftOutTally } from './left-out.js';
import { mapLimited } from './limit.js';
import { numberedFolders, type NumberedFolder } from './numbered-folders.js';
import { readText } from './text.js';

/** Endings of the caption files beside pictures, in order of preference; `.caption` is what kohya's trainers look for. */
export const CAPTION_EXTENSIONS: readonly string[] = ['txt', 'caption'];

/** Small text files read at the same time. */
const CONCURRENT_READS = 64;

/** How captions are found where no metadata names the pictures. */
export interface CaptionOptions {
  readonly images: readonly string[];
  /** All files, pictures included. */
  readonly files: readonly string[];
  /** Whether kohya's folders repeat their pictures. */
  readonly repeats: boolean;
  readonly tally: LeftOutTally;
}

/**
 * Captions from files beside the pictures, else from the folders' names: those of kohya's `N_name` folders, or class labels
 * (pictures at one depth in more than one folder). Caption files without a picture are tallied. Throws naming a caption file
 * that is no text.
 */
export async function listWithoutMetadata(root: string, options: CaptionOptions): Promise<Listing> {
  const { images, repeats } = options;
  const numbered = numberedFolders(images);
  const found = (await fromSidecars(root, options, numbered)) ?? fromFolders(images, numbered);
  if (numbered === undefined) return { ...found, notes: [] };
  const times = (name: string): number => numbered.get(posix.dirname(name))?.repeats ?? 1;
  if (!repeats || ![...numbered.values()].some((folder) => folder.repeats > 1)) return { ...found, notes: [] };
  const repeated = found.images.flatMap((image) => Array.from({ length: times(image.name) }, () => image));
  const repetitions = [...numbered.values()].map((folder) => `"${folder.name}" ${folder.repeats} times`).slice(0, 5);
  const note = `folders are named N_name: their images are seen N times (${repetitions.join(', ')}${numbered.size > 5 ? ' …' : ''})`;
  return { ...found, images: repeated, notes: [note] };
}

const stemOf = (path: string): string => path.slice(0, path.length - posix.extname(path).length);

/** Caption files by the path without its ending. */
function captionFiles(files: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const wanted of [...CAPTION_EXTENSIONS].reverse())
    for (const path of files) if (extension(path) === wanted) found.set(stemOf(path), path);
  return found;
}

async function fromSidecars(
  root: string,
  { images, files, tally }: CaptionOptions,
  numbered: ReadonlyMap<string, NumberedFolder> | undefined,
): Promise<Omit<Listing, 'notes'> | null> {
  const captions = captionFiles(files);
  const stems = new Set(images.map(stemOf));
  for (const [stem, path] of captions) if (!stems.has(stem)) tally.add('caption files without an image', path, false);
  if (!images.some((image) => captions.has(stemOf(image)))) return null;
  const read = async (name: string): Promise<ListedImage> => {
    const file = captions.get(stemOf(name));
    if (file === undefined) return listed(name, { caption: folderName(name, numbered), source: 'class' });
    const caption = (await readText(join(root, file), limits.captionBytes)).trim();
    return listed(name, { caption, source: 'sidecar' });
  };
  return { images: await mapLimited(images, CONCURRENT_READS, read), captionSource: 'sidecar' };
}

const folderName = (image: string, numbered: ReadonlyMap<string, NumberedFolder> | undefined): string =>
  numbered?.get(posix.dirname(image))?.name ?? '';

/** The parent folder as label, when folders are numbered, or pictures lie at one depth in more than one folder. */
function fromFolders(
  images: readonly string[],
  numbered: ReadonlyMap<string, NumberedFolder> | undefined,
): Omit<Listing, 'notes'> {
  const parents = new Set(images.map((image) => posix.dirname(image)));
  const depths = new Set(images.map((image) => image.split('/').length));
  const isClassed = numbered !== undefined || (parents.size > 1 && depths.size === 1);
  const labelled = images.map((name) => {
    if (!isClassed) return listed(name, { caption: '', source: 'none' });
    const label = posix.basename(posix.dirname(name));
    const caption = numbered === undefined ? label.replaceAll('_', ' ') : folderName(name, numbered);
    return listed(name, { caption, source: 'class', extra: { label } });
  });
  return { images: labelled, captionSource: isClassed ? 'class' : 'none' };
}
