import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { parseImports, type ImportMention } from './parse-imports.js';

/** One workspace package as the import rules see it. Paths are relative to the repository and use `/`. */
export interface WorkspacePackage {
  readonly name: string;
  readonly root: string;
  readonly layer: number;
  /** Source file of each `exports` entry, by subpath: `.`, `./onnx`, … */
  readonly entries: ReadonlyMap<string, string>;
  /** Source files behind the `bin` scripts. */
  readonly programs: readonly string[];
  /** Names in `dependencies`, `peerDependencies` and `optionalDependencies`. */
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

/** The packages and the imports of each of their files. */
export interface Workspace {
  readonly packages: readonly WorkspacePackage[];
  readonly files: ReadonlyMap<string, readonly ImportMention[]>;
}

type ExportsField = Record<string, string | Record<string, string>>;

interface Manifest {
  readonly name: string;
  readonly exports?: ExportsField;
  readonly bin?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

/** Reads `package.json`, the layer tag of `project.json` and every source and test file under `packages` and `tools`. */
export function readWorkspace(repository: string): Workspace {
  const roots = ['packages', 'tools'].flatMap((folder) => packageRoots(repository, folder));
  const packages = roots.map((root) => readPackage(repository, root));
  const paths = roots.flatMap((root) => sourceFiles(repository, root));
  const files = new Map(
    paths.map((path) => [path, parseImports(path, readFileSync(posix.join(repository, path), 'utf8'))]),
  );
  return { packages, files };
}

function packageRoots(repository: string, folder: string): string[] {
  const names = readdirSync(posix.join(repository, folder)).sort();
  return names
    .map((name) => posix.join(folder, name))
    .filter((root) => existsSync(posix.join(repository, root, 'package.json')));
}

function sourceFiles(repository: string, root: string): string[] {
  const folders = ['src', 'page', 'test', 'bench', 'bin'].map((name) => posix.join(root, name));
  return folders
    .filter((folder) => existsSync(posix.join(repository, folder)))
    .flatMap((folder) =>
      readdirSync(posix.join(repository, folder), { encoding: 'utf8', recursive: true })
        .map((path) => posix.join(folder, path))
        .filter((path) => /\.(ts|js)$/.test(path)),
    );
}

function readPackage(repository: string, root: string): WorkspacePackage {
  const manifest = readJson<Manifest>(posix.join(repository, root, 'package.json'));
  const programs = Object.values(manifest.bin ?? {}).map((path) => posix.join(root, path));
  return {
    name: manifest.name,
    root,
    layer: readLayer(posix.join(repository, root, 'project.json')),
    entries: sourceEntries(root, manifest.exports ?? {}),
    programs,
    dependencies: new Set(
      [manifest.dependencies, manifest.peerDependencies, manifest.optionalDependencies].flatMap((names) =>
        Object.keys(names ?? {}),
      ),
    ),
    devDependencies: new Set(Object.keys(manifest.devDependencies ?? {})),
  };
}

function readLayer(path: string): number {
  const tags = existsSync(path) ? (readJson<{ tags?: string[] }>(path).tags ?? []) : [];
  const layer = tags.find((tag) => tag.startsWith('layer:'))?.slice('layer:'.length);
  if (layer === undefined)
    throw new Error(`readWorkspace: ${path} must have a tag "layer:N", got [${tags.join(', ')}]`);
  return Number(layer);
}

function sourceEntries(root: string, field: ExportsField): Map<string, string> {
  const entries = new Map<string, string>();
  for (const [subpath, target] of Object.entries(field)) {
    if (typeof target === 'string') continue; // ./package.json
    const source = target['@lascaux/source'];
    if (source === undefined) throw new Error(`readWorkspace: ${root} exports "${subpath}" without "@lascaux/source"`);
    entries.set(subpath, posix.join(root, source));
  }
  return entries;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
