import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('..', import.meta.url));
const folder = join(repository, 'docs/decisions');
const index = readFileSync(join(folder, 'README.md'), 'utf8');

const files = readdirSync(folder).filter((name) => name !== 'README.md');
const entries = [...index.matchAll(/^- (\d{4}) \[(.+)\]\(([^)]+)\)( \(.*\))?$/gm)].map(([, number, title, file]) => ({
  number,
  title,
  file,
}));

const numberOf = (file: string): string => file.slice(0, 4);
const titleOf = (file: string): string | undefined =>
  /^# \d{4}:? (.+)/.exec(readFileSync(join(folder, file), 'utf8'))?.[1];

/** Sources, documents and configurations of the repository that may name a decision. */
function* mentioning(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && !/^(?:node_modules|dist|\.git|\.nx|shared)$/.test(entry.name)) yield* mentioning(path);
    if (entry.isFile() && ['.ts', '.js', '.md'].includes(extname(entry.name))) yield path;
  }
}

describe('the index of decisions', () => {
  it('lists every decision once, under its own title', () => {
    const expected = files.map((file) => ({ number: numberOf(file), title: titleOf(file), file }));
    expect(entries.toSorted((a, b) => a.file!.localeCompare(b.file!))).toEqual(
      expected.toSorted((a, b) => a.file.localeCompare(b.file)),
    );
  });

  it('has nothing but entries below its headings', () => {
    const lines = index.split('\n').filter((line) => line.startsWith('-'));
    expect(lines).toHaveLength(entries.length);
  });

  it('names later decisions that exist', () => {
    const numbers = new Set(files.map(numberOf));
    const later = [...index.matchAll(/superseded by (\d{4})/g)].map((match) => match[1]!);
    expect(later.filter((number) => !numbers.has(number))).toEqual([]);
  });
});

describe('a mention of docs/decisions/NNNN', () => {
  it('leads to a decision', () => {
    const numbers = new Set(files.map(numberOf));
    const astray = [...mentioning(repository)].flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/\bdecisions\/(\d{4})/g)]
        .filter((match) => !numbers.has(match[1]!))
        .map((match) => `${path}: ${match[0]}`),
    );
    expect(astray).toEqual([]);
  });
});
