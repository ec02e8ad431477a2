import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced block of a README. */
export interface CodeBlock {
  /** Where it stands, such as `packages/nn/README.md:6`. */
  readonly place: string;
  /** The first word behind the fence: ts, sh. */
  readonly language: string;
  /** Whether it only has to compile: it needs what is not there, such as a large model. The second word is `compile-only`. */
  readonly isCompiledOnly: boolean;
  readonly text: string;
}

const FENCED = /^```(\w+)(?: ([\w-]+))?\n([\s\S]*?)^```$/gm;

/** The blocks of the READMEs of the repository and of its packages, in order. */
export function readmeBlocks(repository: string): CodeBlock[] {
  const packages = readdirSync(join(repository, 'packages')).map((name) => `packages/${name}/README.md`);
  const files = ['README.md', ...packages.sort()].filter((file) => existsSync(join(repository, file)));
  return files.flatMap((file) => blocksOf(file, readFileSync(join(repository, file), 'utf8').replaceAll('\r\n', '\n')));
}

function blocksOf(file: string, text: string): CodeBlock[] {
  return [...text.matchAll(FENCED)].map(({ index, 1: language = '', 2: mark, 3: code = '' }) => ({
    place: `${file}:${text.slice(0, index).split('\n').length}`,
    language,
    isCompiledOnly: mark === 'compile-only',
    text: code,
  }));
}
