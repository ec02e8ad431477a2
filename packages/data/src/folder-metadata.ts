import { join, posix } from 'node:path';
import { LascauxError, check, jsonText } from '@lascaux/nn';
import { listed, type Listing } from './folder-listing.js';
import { extension, isImageName, isUnreadImage } from './image-endings.js';
import type { LeftOutTally } from './left-out.js';
import { METADATA_FILES, readMetadata, type MetadataRow } from './metadata.js';

/** A row with the folder of its file and the path from the root. */
interface PlacedRow extends MetadataRow {
  readonly folder: string;
  readonly path: string;
}

/** The metadata file of each folder that has one, by folder (`.` is the root). */
export function metadataFiles(files: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const named = files.filter((path) => METADATA_FILES.includes(posix.basename(path)));
  const rank = (path: string): number => METADATA_FILES.indexOf(posix.basename(path));
  for (const path of named.sort((a, b) => rank(b) - rank(a))) found.set(posix.dirname(path), posix.basename(path));
  return new Map([...found].sort(([a], [b]) => (a === '.' || (b !== '.' && a < b) ? -1 : 1)));
}

/**
 * The pictures that metadata files name, each folder's own file for those in it and below, as Hugging Face datasets reads them;
 * where two name a picture, the nearer one counts. Pictures that none names are tallied as left out.
 * @throws {LascauxError} when a named file is missing, a caption is no text, or no file has the column asked for
 */
export async function listFromMetadata(
  root: string,
  options: {
    readonly files: readonly string[];
    readonly metadata: ReadonlyMap<string, string>;
    readonly captionColumn: string | undefined;
    readonly tally: LeftOutTally;
  },
): Promise<Listing> {
  const { files, metadata, captionColumn, tally } = options;
  const column = captionColumn ?? 'text';
  const rows: PlacedRow[] = [];
  for (const [folder, name] of metadata) for (const row of await placedRows(root, folder, name)) rows.push(row);
  requireFiles(rows, { root, files, metadata });
  const hasCaptions = rows.some(({ columns }) => column in columns);
  requireColumn(rows, { captionColumn, hasCaptions });
  const nearest = new Map<string, string>();
  for (const { path, folder } of rows) if (depth(folder) >= depth(nearest.get(path) ?? '.')) nearest.set(path, folder);
  for (const path of files)
    if (isImageName(path) && !nearest.has(path)) tally.add('images that no metadata names', path, true);
  const images = rows.flatMap(({ path, folder, columns }) => {
    if (nearest.get(path) !== folder || isUnreadImage(extension(path))) return [];
    const { [column]: value, ...extra } = columns;
    const caption = captionText(value, { column, where: join(root, path) });
    return listed(path, { caption, source: 'metadata', extra });
  });
  return { images, captionSource: hasCaptions ? 'metadata' : 'none', notes: [] };
}

const depth = (folder: string): number => (folder === '.' ? 0 : folder.split('/').length);

async function placedRows(root: string, folder: string, name: string): Promise<PlacedRow[]> {
  const rows = await readMetadata(join(root, folder), name);
  return rows.map((row) => ({ ...row, folder, path: posix.join(folder, row.fileName) }));
}

function requireFiles(
  rows: readonly PlacedRow[],
  { root, files, metadata }: { root: string; files: readonly string[]; metadata: ReadonlyMap<string, string> },
): void {
  const present = new Set(files);
  const missing = rows.filter(({ path }) => !present.has(path));
  const [first] = missing;
  if (first === undefined) return;
  const name = metadata.get(first.folder) ?? '';
  throw new LascauxError({
    operation: 'image folder',
    rule: `${name} must name files that exist, got "${first.fileName}" in "${join(root, first.folder)}" (${missing.length} missing)`,
  });
}

function requireColumn(
  rows: readonly PlacedRow[],
  { captionColumn, hasCaptions }: { captionColumn: string | undefined; hasCaptions: boolean },
): void {
  if (captionColumn === undefined || hasCaptions) return;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row.columns)))].join(', ') || 'none';
  const rule = `the caption column must be one of ${columns}`;
  throw new LascauxError({ operation: 'image folder', rule, value: captionColumn, kind: 'usage' });
}

function captionText(value: unknown, { column, where }: { column: string; where: string }): string {
  if (value === undefined || value === null) return '';
  const rule = (): string => `column ${column} must be text, got ${jsonText(value)} for ${where}`;
  check(typeof value === 'string', () => ({ operation: 'image folder', rule: rule() }));
  return value;
}
