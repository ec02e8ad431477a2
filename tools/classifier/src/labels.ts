import type { ImageSet } from '@lascaux/data';

/** A text column of each picture's metadata. @throws {Error} naming the first picture without it */
export function columnOf(set: ImageSet, column: string): string[] {
  return Array.from({ length: set.length }, (_, i) => {
    const value = set.extra(i)[column];
    if (typeof value === 'string' && value !== '') return value;
    throw new Error(
      `labels: each picture must have a text column "${column}", got ${JSON.stringify(value)} for ${set.fileName(i)}`,
    );
  });
}

/** The noun of each picture as its index in `nouns`. @throws {Error} naming the first picture whose noun is not among them */
export function labelsOf(set: ImageSet, nouns: readonly string[]): Int32Array {
  const index = new Map(nouns.map((noun, i) => [noun, i]));
  return Int32Array.from(columnOf(set, 'noun'), (noun, i) => {
    const label = index.get(noun);
    if (label !== undefined) return label;
    throw new Error(
      `labels: each noun must be one that the classifier knows (${nouns.length} of them), got "${noun}" for ${set.fileName(i)}`,
    );
  });
}

/** The different nouns of a set, in alphabetical order. @throws {Error} when there are fewer than two */
export function nounsOf(set: ImageSet): string[] {
  const nouns = [...new Set(columnOf(set, 'noun'))].sort((a, b) => (a < b ? -1 : 1));
  if (nouns.length < 2) throw new Error(`labels: pictures must show at least two nouns, got ${nouns.join(', ')}`);
  return nouns;
}
