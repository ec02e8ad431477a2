import { stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { LascauxError } from '@lascaux/nn';
import { decodeSquare } from './decode.js';
import { CAPTION_EXTENSIONS, listWithoutMetadata } from './folder-captions.js';
import { filesBelow } from './folder-files.js';
import type { Listing } from './folder-listing.js';
import { listFromMetadata, metadataFiles } from './folder-metadata.js';
import { extension, isImageName } from './image-endings.js';
import { readImageFile } from './image-file.js';
import { entryAt, type ImageSet } from './image-set.js';
import { leftOutTally, leftOutText, type LeftOutTally } from './left-out.js';
import { METADATA_FILES } from './metadata.js';
import { splitFolder } from './split-folder.js';

/** How to read a set. */
export interface ImageSetOptions {
  /** The metadata column, or the key of a WebDataset's `json`, that holds captions. */
  readonly captionColumn?: string;
  /** Told the name of each picture with transparent parts, when it is decoded by `pixels`. */
  readonly onTransparent?: (name: string) => void;
}

/** How to read a folder. */
export interface ImageFolderOptions extends ImageSetOptions {
  /** The split to read where the folder has split folders: `train` unless given. */
  readonly split?: string;
  /** Whether pictures in kohya's folders `N_name` come N times, as its trainers see them. Default false. */
  readonly repeats?: boolean;
}

/** Endings of files that lie beside pictures without being data: nothing is said about them. */
const QUIET_EXTENSIONS: readonly string[] = [
  ...['md', 'json', 'jsonl', 'csv', 'tsv', 'parquet', 'yaml', 'yml', 'toml', 'html', 'log', 'npz', 'npy'],
  ...CAPTION_EXTENSIONS,
];

/**
 * Opens a folder of pictures. Captions come from the first of: the `metadata.jsonl`, `.csv` or `.parquet` of the folders (only the
 * pictures they name), `.txt` or `.caption` files beside the pictures, the folders' names (kohya's `N_name`, or class labels: pictures
 * at one depth in more than one folder), nothing. What is not read is counted in `leftOut`. Throws in one line when there is no
 * picture, a named one is missing, or the metadata is broken.
 * Why: docs/decisions/0112.
 */
export async function openImageFolder(folder: string, options: ImageFolderOptions = {}): Promise<ImageSet> {
  const { root, notes } = await splitFolder(folder, options.split);
  const tally = leftOutTally();
  const { images, captionSource, notes: captionNotes } = await list(root, options, tally);
  const leftOut = tally.list();
  if (images.length === 0) {
    const instead = leftOut.length > 0 ? ` (left out: ${leftOutText(leftOut)})` : '';
    throw new LascauxError({
      operation: 'image folder',
      rule: `must hold at least one picture, got none in "${root}"${instead}`,
    });
  }
  const { onTransparent } = options;
  const pathOf = (i: number): string => join(root, entryAt(images, i).name);
  return {
    length: images.length,
    captionSource,
    leftOut,
    notes: [...notes, ...captionNotes],
    caption: (i) => entryAt(images, i).caption,
    captionSourceOf: (i) => entryAt(images, i).captionSource,
    fileName: (i) => entryAt(images, i).name,
    extra: (i) => entryAt(images, i).extra,
    origin: (i) => ({ file: pathOf(i), offset: 0 }),
    byteLength: async (i) => (await stat(pathOf(i))).size,
    bytes: async (i) => readImageFile(pathOf(i)),
    pixels: async (i, size) => decodeSquare({ source: pathOf(i), size, name: pathOf(i), onTransparent }),
  };
}

async function list(
  root: string,
  { captionColumn, repeats = false }: ImageFolderOptions,
  tally: LeftOutTally,
): Promise<Listing> {
  const { files, linkedFolders } = await filesBelow(root);
  for (const link of linkedFolders) tally.add('linked folders, not followed', link, true);
  for (const path of files) {
    const ending = extension(path);
    const isQuiet = QUIET_EXTENSIONS.includes(ending) || (ending === '' && /^[A-Z]+$/.test(posix.basename(path)));
    if (!isImageName(path) && !isQuiet) tally.addFile(ending, path);
  }
  const metadata = metadataFiles(files);
  if (metadata.size > 0) return listFromMetadata(root, { files, metadata, captionColumn, tally });
  if (captionColumn !== undefined) {
    throw new LascauxError({
      operation: 'image folder',
      rule: `a caption column needs ${METADATA_FILES.join(' or ')}, got neither in "${root}"`,
    });
  }
  return listWithoutMetadata(root, { images: files.filter(isImageName), files, repeats, tally });
}
