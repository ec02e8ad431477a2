import type { RandomStream } from '@lascaux/nn';
import { mutateBytes, pick, type Mutation } from './bytes.js';

type Path = readonly (string | number)[];
type Json = Record<string | number, unknown>;

/** Values of another kind or size, as JSON writes them, or as it must not. */
const VALUES = [
  ...['null', 'true', 'false', '0', '-1', '1', '0.5', '1e308', '2147483648', '9007199254740992', '1e21', '-0'],
  ...['1e999', '-1e999', 'NaN', 'Infinity', 'undefined', '0x10', "'x'", '99999999999999999999999999'],
  ...['""', '"x"', '"../../../etc/passwd"', '"/etc/passwd"', '"a\\u0000b"', '"\\ud800"', '"\\u001b[31m"', '"1"'],
  ...['[]', '{}', '[[]]', '[null]', '[1,2,3]', '{"a":1}', '{"__proto__":{"polluted":1}}'],
];
const KEYS = ['x', '', '__proto__', 'constructor', '../x', 'toString', 'length', '_class_name', 'unknown_key'];
const MARK = '@@here@@';

const isContainer = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** Places of a document: at most some hundreds, so that vocabularies are not walked whole each time. */
function placesOf(value: unknown, at: Path = []): Path[] {
  if (!isContainer(value)) return [at];
  const keys = Array.isArray(value) ? [...value.keys()].slice(0, 40) : Object.keys(value).slice(0, 200);
  return [at, ...keys.flatMap((key) => placesOf(value[key], [...at, key]))];
}

/** The document's text with other text in one place. */
function withText(document: unknown, path: Path, text: string): string {
  if (path.length === 0) return text;
  const copy = structuredClone(document) as Json;
  const parent = path.slice(0, -1).reduce<Json>((value, key) => value[key] as Json, copy);
  parent[path.at(-1)!] = MARK;
  return JSON.stringify(copy).replace(`"${MARK}"`, () => text);
}

/** The document's text after a change to the object or list that holds a place. */
function withParent(document: unknown, path: Path, change: (parent: Json, key: string | number) => void): string {
  const copy = structuredClone(document) as Json;
  change(
    path.slice(0, -1).reduce<Json>((value, key) => value[key] as Json, copy),
    path.at(-1)!,
  );
  return JSON.stringify(copy);
}

/** Defines a key as JSON does, `__proto__` too; a list gets a value more. */
function define(parent: Json, key: string, value: unknown): void {
  if (Array.isArray(parent)) parent.push(value);
  else Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

type Change = (document: unknown, path: Path, random: RandomStream) => string;

const changes: Readonly<Record<string, Change>> = {
  value: (document, path, random) => withText(document, path, pick(random, VALUES)),
  'other value': (document, path, random) => withText(document, path, pick(random, VALUES)),
  deep(document, path, random) {
    const depth = pick(random, [30, 100, 20_000]);
    return withText(document, path, '['.repeat(depth) + ']'.repeat(depth));
  },
  'deep object'(document, path, random) {
    const depth = pick(random, [30, 3000]);
    return withText(document, path, `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
  },
  long: (document, path, random) => withText(document, path, `"${'a'.repeat(pick(random, [1000, 100_000]))}"`),
  many: (document, path, random) => withText(document, path, `[${'1,'.repeat(pick(random, [50, 5000]))}1]`),
  remove: (document, path) =>
    path.length === 0 ? '{}' : withParent(document, path, (parent, key) => void delete parent[key]),
  rename: (document, path, random) =>
    path.length === 0
      ? 'null'
      : withParent(document, path, (parent, key) => {
          const value = parent[key];
          delete parent[key];
          define(parent, pick(random, KEYS), value);
        }),
  add: (document, path, random) =>
    path.length === 0 ? '[]' : withParent(document, path, (parent) => define(parent, pick(random, KEYS), null)),
  twice(document, path, random) {
    const text = JSON.stringify(document);
    return `${text.slice(0, -1)},"${path[0] ?? 'x'}":${pick(random, VALUES)}${text.at(-1)}`;
  },
  whole: (document, _, random) =>
    pick(random, [
      'null',
      '1',
      '"x"',
      '[]',
      '{}',
      '[{}]',
      '',
      ' ',
      '\ufeff{}',
      '[1,2',
      '{"a":1}{"b":2}',
      `\ufeff${JSON.stringify(document)}`,
    ]),
};

/** Changes a JSON document, mostly so that it stays JSON. */
export function mutateJson(input: Uint8Array, random: RandomStream): Mutation {
  if (random.integer(7) === 0) return mutateBytes(input, random);
  const document: unknown = JSON.parse(Buffer.from(input).toString('utf8'));
  const path = pick(random, placesOf(document));
  const kind = pick(random, Object.keys(changes));
  return {
    kind: `${kind} at ${path.join('.').slice(0, 60)}`,
    bytes: Buffer.from(changes[kind]!(document, path, random)),
  };
}
