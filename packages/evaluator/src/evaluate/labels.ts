import { dirname, join } from 'node:path';
import type { ImageSet } from '@lascaux/data';
import { check, LascauxError, limits, readJson, readTextFile } from '@lascaux/nn';

/**
 * Class names in the order of a classifier's scores: of a file with one a line, of the lists `classes`, `labels`, `nouns` or the map
 * `id2label` in the `config.json` beside the model, else the labels there are, in alphabetical order.
 *
 * @throws LascauxError (usage) when their number is not that of the scores.
 */
export async function classNames(options: {
  file: string | undefined;
  classifier: string;
  present: readonly string[];
  scores: number;
}): Promise<readonly string[]> {
  const { file, classifier, present, scores } = options;
  const named = file === undefined ? await configNames(classifier) : await linesOf(file);
  const names = named ?? [...new Set(present)].sort((a, b) => (a < b ? -1 : 1));
  check(names.length === scores, {
    option: 'classes',
    rule: `the classifier has ${scores} scores and needs as many class names`,
    value: names.length,
    accepted: 'a file with one name a line, in the order of the scores',
    kind: 'usage',
  });
  return names;
}

async function linesOf(file: string): Promise<string[]> {
  const text = await readTextFile(file, limits.configBytes);
  check(text !== undefined, { option: 'classes', rule: 'no such file', value: file, kind: 'usage' });
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

async function configNames(classifier: string): Promise<readonly string[] | undefined> {
  const path = join(dirname(classifier), 'config.json');
  const config = await readJson(path, (json) => json as Record<string, unknown> | null);
  const lists = ['classes', 'labels', 'nouns', 'class_names'].map((key) => config?.[key]);
  const list = lists.find((value) => Array.isArray(value)) as unknown[] | undefined;
  const map = config?.id2label as Record<string, unknown> | null | undefined;
  const found = list ?? (map && Object.keys(map).map((_, i) => map[String(i)]));
  return found?.map(String);
}

/** The label of each of these pictures as text. @throws LascauxError (usage) naming the first picture without one */
export function labelsOf(
  set: ImageSet,
  { column, indices }: { column: string; indices: readonly number[] },
): readonly string[] {
  return indices.map((i) => {
    const value = set.extra(i)[column];
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    throw new LascauxError({
      option: 'labelColumn',
      rule: `each picture needs a label: a folder for each class, or the column "${column}" in the metadata`,
      value: set.fileName(i),
      kind: 'usage',
    });
  });
}

/** Labels as places among the classes; whole numbers that are no class name are places already. @throws LascauxError (usage) */
export function placesOf(labels: readonly string[], names: readonly string[]): Int32Array {
  const places = new Map(names.map((name, i) => [name, i]));
  return Int32Array.from(labels, (label) => {
    const place =
      places.get(label) ?? places.get(label.replaceAll('_', ' ')) ?? (/^\d+$/.test(label) ? Number(label) : -1);
    check(place >= 0 && place < names.length, {
      option: 'classes',
      rule: 'each label must be one of the classes',
      value: label,
      accepted: `${names.slice(0, 8).join(', ')}${names.length > 8 ? ' …' : ''}`,
      kind: 'usage',
    });
    return place;
  });
}
