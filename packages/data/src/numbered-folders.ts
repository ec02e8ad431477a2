import { posix } from 'node:path';
import { limits } from '@lascaux/nn';

/** So many folders numbered one after the other are a list of classes. */
const FEWEST_CLASSES = 3;

/** What a folder named `N_name` says. */
export interface NumberedFolder {
  readonly name: string;
  /** How often each picture in it is to be seen; 1 where the number only counts classes. */
  readonly repeats: number;
}

/**
 * The folders that hold these pictures, by path, when all are named `N_name`: kohya's trainers see each picture N times under
 * the caption `name`. Numbers that count the folders themselves (0, 1, 2 …) repeat nothing. Undefined for any other folders.
 */
export function numberedFolders(images: readonly string[]): ReadonlyMap<string, NumberedFolder> | undefined {
  const folders = [...new Set(images.map((image) => posix.dirname(image)))];
  const parts = folders.map((folder) => /^(\d{1,4})_(.*\S.*)$/.exec(posix.basename(folder)));
  const numbers = parts.map((part) => (part === null ? Infinity : Number(part[1])));
  if (folders.length === 0 || numbers.some((number) => number > limits.folderRepeats)) return undefined;
  const isCount = countsFolders(numbers);
  const entry = (i: number): NumberedFolder => ({
    name: parts[i]![2]!.replaceAll('_', ' ').trim(),
    repeats: isCount ? 1 : numbers[i]!,
  });
  return new Map(folders.map((folder, i) => [folder, entry(i)]));
}

function countsFolders(numbers: readonly number[]): boolean {
  const sorted = [...numbers].sort((a, b) => a - b);
  const first = sorted[0]!;
  const follows = sorted.every((number, i) => number === first + i);
  return first === 0 || (first === 1 && follows && numbers.length >= FEWEST_CLASSES);
}
