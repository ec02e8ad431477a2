import { LascauxError } from '@lascaux/nn';
import { dirname, join } from 'node:path';
import { decodeSquare } from './decode.js';
import { filesBelow, isImageName, namesIn, readTrimmed } from './folder-files.js';
import { readImageFile } from './image-file.js';
import { entryAt, type CaptionSource, type ImageSet } from './image-set.js';
import { mapLimited } from './limit.js';
import { METADATA_FILES, readMetadata } from './metadata.js';
import { splitFolder } from './split-folder.js';

/** How to read a folder. */
export interface ImageFolderOptions {
  /** The split to read where the folder has split folders: `train` unless given. */
  readonly split?: string;
  /** The metadata column that holds captions. */
  readonly captionColumn?: string;
}

interface Picture {
  readonly name: string;
  readonly caption: string;
  readonly extra: Readonly<Record<string, unknown>>;
}

interface Listing {
  readonly pictures: readonly Picture[];
  readonly captionSource: CaptionSource;
}

/** Small text files read at the same time. */
const CONCURRENT_READS = 64;

/**
 * Opens a folder of pictures. Captions come from the first of: `metadata.jsonl` or `metadata.csv` (only the pictures it
 * names), `.txt` files beside the pictures, the folders' names as class labels (pictures at one depth in more than one
 * folder), nothing. Throws in one line when there is no picture, a named one is missing, or the metadata is broken.
 */
export async function openImageFolder(folder: string, options: ImageFolderOptions = {}): Promise<ImageSet> {
  const root = await splitFolder(folder, options.split);
  const { pictures, captionSource } = await list(root, options.captionColumn);
  if (pictures.length === 0)
    throw new LascauxError({
      operation: 'image folder',
      rule: `must hold at least one picture, got none in "${root}"`,
    });
  const pathOf = (i: number): string => join(root, entryAt(pictures, i).name);
  return {
    length: pictures.length,
    captionSource,
    caption: (i) => entryAt(pictures, i).caption,
    fileName: (i) => entryAt(pictures, i).name,
    extra: (i) => entryAt(pictures, i).extra,
    origin: (i) => ({ file: pathOf(i), offset: 0 }),
    bytes: async (i) => readImageFile(pathOf(i)),
    pixels: async (i, size) => decodeSquare({ source: pathOf(i), size, name: pathOf(i) }),
  };
}

async function list(root: string, captionColumn: string | undefined): Promise<Listing> {
  const names = await namesIn(root);
  const metadata = METADATA_FILES.find((name) => names.includes(name));
  if (metadata) return fromMetadata(root, metadata, captionColumn);
  if (names.includes('metadata.parquet')) {
    throw new LascauxError({
      operation: 'image folder',
      rule: `metadata must be ${METADATA_FILES.join(' or ')}, got metadata.parquet in "${root}"`,
    });
  }
  if (captionColumn !== undefined) {
    throw new LascauxError({
      operation: 'image folder',
      rule: `a caption column needs ${METADATA_FILES.join(' or ')}, got neither in "${root}"`,
    });
  }
  const files = await filesBelow(root);
  const images = files.filter(isImageName);
  return (await fromSidecars(root, images, new Set(files))) ?? fromClasses(images);
}

async function fromMetadata(root: string, metadata: string, captionColumn: string | undefined): Promise<Listing> {
  const column = captionColumn ?? 'text';
  const rows = await readMetadata(root, metadata);
  const present = new Set(await filesBelow(root));
  const missing = rows.filter(({ fileName }) => !present.has(fileName));
  if (missing.length > 0) {
    throw new LascauxError({
      operation: 'image folder',
      rule: `${metadata} must name files that exist, got "${missing[0]!.fileName}" in "${root}" (${missing.length} missing)`,
    });
  }
  const hasCaptions = rows.some(({ columns }) => column in columns);
  if (captionColumn !== undefined && !hasCaptions) {
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row.columns)))].join(', ') || 'none';
    throw new LascauxError({
      operation: 'image folder',
      rule: `the caption column must be one of ${columns}`,
      value: captionColumn,
    });
  }
  const pictures = rows.map(({ fileName, columns }) => {
    const { [column]: caption, ...extra } = columns;
    return { name: fileName, caption: captionText(caption, { column, where: join(root, fileName) }), extra };
  });
  return { pictures, captionSource: hasCaptions ? 'metadata' : 'none' };
}

function captionText(value: unknown, { column, where }: { column: string; where: string }): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw new LascauxError({
    operation: 'image folder',
    rule: `column ${column} must be text, got ${JSON.stringify(value)} for ${where}`,
  });
}

async function fromSidecars(root: string, images: string[], files: ReadonlySet<string>): Promise<Listing | null> {
  const sidecar = (image: string): string => `${image.slice(0, image.lastIndexOf('.'))}.txt`;
  if (!images.some((image) => files.has(sidecar(image)))) return null;
  const read = async (name: string): Promise<Picture> => ({
    name,
    caption: files.has(sidecar(name)) ? await readTrimmed(join(root, sidecar(name))) : '',
    extra: {},
  });
  return { pictures: await mapLimited(images, CONCURRENT_READS, read), captionSource: 'sidecar' };
}

/** The parent folder as label, when pictures lie at one depth in more than one folder. */
function fromClasses(images: string[]): Listing {
  const parents = new Set(images.map((image) => dirname(image)));
  const depths = new Set(images.map((image) => image.split('/').length));
  const isClassed = parents.size > 1 && depths.size === 1;
  const pictures = images.map((name) => {
    if (!isClassed) return { name, caption: '', extra: {} };
    const label = name.split('/').at(-2) ?? '';
    return { name, caption: label.replaceAll('_', ' '), extra: { label } };
  });
  return { pictures, captionSource: isClassed ? 'class' : 'none' };
}
