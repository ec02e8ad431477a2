import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { Workspace, WorkspacePackage } from './workspace.js';

/** What a specifier means at a place: a file of this repository, a package from the registry, or Node itself. */
export type Resolution =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'missing'; readonly path: string }
  | { readonly kind: 'external'; readonly name: string }
  | { readonly kind: 'builtin' };

/** The package that owns the file at `path`; throws when none does. */
export function ownerOf(workspace: Workspace, path: string): WorkspacePackage {
  const owner = workspace.packages.find(({ root }) => path.startsWith(`${root}/`));
  if (owner === undefined) throw new Error(`ownerOf: a file must lie in a package, got ${path}`);
  return owner;
}

/** Follows `specifier` from the file `from`, as the source condition does. */
export function resolveImport(workspace: Workspace, from: string, specifier: string): Resolution {
  if (isBuiltin(specifier)) return { kind: 'builtin' };
  if (specifier.startsWith('.')) return resolveRelative(workspace, posix.join(posix.dirname(from), specifier));
  const name = packageName(specifier);
  const target = workspace.packages.find((candidate) => candidate.name === name);
  if (target === undefined) return { kind: 'external', name };
  const subpath = `.${specifier.slice(name.length)}`;
  const entry = target.entries.get(subpath);
  return entry === undefined ? { kind: 'missing', path: `${name} "${subpath}"` } : resolveRelative(workspace, entry);
}

function resolveRelative(workspace: Workspace, path: string): Resolution {
  const source = path.replace(/\/dist\//, '/src/').replace(/\.js$/, '.ts');
  if (workspace.files.has(source)) return { kind: 'file', path: source };
  return { kind: workspace.files.has(path) ? 'file' : 'missing', path };
}

/** `@scope/name/sub/path` → `@scope/name`; `name/sub` → `name`. */
function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
