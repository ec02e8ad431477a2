import { resolveImport } from './resolve.js';
import type { ImportKind } from './parse-imports.js';
import type { Workspace } from './workspace.js';

/** How a walk through value imports came to a module: the files passed on the way, the start first. */
export type ImportPath = readonly string[];

/**
 * Everything that loading `start` loads: repository files by path and registry packages by name, each with the way to it.
 * `kinds` says which imports count: static ones alone, or dynamic ones too.
 */
export function reachedFrom(
  workspace: Workspace,
  start: string,
  kinds: readonly ImportKind[],
): Map<string, ImportPath> {
  const reached = new Map<string, ImportPath>([[start, [start]]]);
  for (const [file, path] of reached) {
    for (const { specifier, kind } of workspace.files.get(file) ?? []) {
      const target = resolveImport(workspace, file, specifier);
      const name = target.kind === 'file' ? target.path : target.kind === 'external' ? target.name : undefined;
      if (kinds.includes(kind) && name !== undefined && !reached.has(name)) reached.set(name, [...path, name]);
    }
  }
  return reached;
}

/**
 * Groups of files that import one another in a ring, each ring once, as "a → b → a". Types count: whoever reads such files has to read all
 * of them. What is loaded on demand does not.
 */
export function importCycles(workspace: Workspace): string[] {
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    state.set(file, 'open');
    for (const next of eagerTargets(workspace, file)) {
      if (state.get(next) === 'open') cycles.push([...path.slice(path.indexOf(next)), next].join(' → '));
      if (!state.has(next)) visit(next, [...path, next]);
    }
    state.set(file, 'done');
  };
  for (const file of workspace.files.keys()) if (!state.has(file)) visit(file, [file]);
  return cycles;
}

function eagerTargets(workspace: Workspace, file: string): string[] {
  return (workspace.files.get(file) ?? [])
    .filter(({ kind }) => kind !== 'dynamic')
    .map(({ specifier }) => resolveImport(workspace, file, specifier))
    .flatMap((target) => (target.kind === 'file' ? [target.path] : []));
}
