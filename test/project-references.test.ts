import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { readWorkspace } from './imports/workspace.js';

const repository = fileURLToPath(new URL('..', import.meta.url));
const { packages } = readWorkspace(repository);

function referencesOf(folder: string): string[] {
  const path = posix.join(repository, folder, 'tsconfig.json');
  const { config } = ts.parseConfigFileTextToJson(path, readFileSync(path, 'utf8')) as {
    config: { references?: { path: string }[] };
  };
  return (config.references ?? []).map((reference) => posix.join(folder, reference.path).replace(/\/$/, ''));
}

describe('TypeScript project references', () => {
  it.each(packages)('of $name are its workspace dependencies', ({ root, dependencies, devDependencies }) => {
    const needed = packages.filter(({ name }) => dependencies.has(name) || devDependencies.has(name));
    expect(referencesOf(root).sort()).toEqual(needed.map((dependency) => dependency.root).sort());
  });

  it.each(packages)('of the tests of $name start at its sources', ({ root }) => {
    expect(existsSync(posix.join(repository, root, 'test/tsconfig.json'))).toBe(true);
    expect(referencesOf(`${root}/test`)).toContain(root);
  });

  it('of the repository build all published packages', () => {
    const published = packages.map(({ root }) => root).filter((root) => root.startsWith('packages/'));
    expect(referencesOf('.').sort()).toEqual(published.sort());
  });
});
