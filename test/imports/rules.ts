import { posix } from 'node:path';
import type { ImportMention } from './parse-imports.js';
import { ownerOf, resolveImport, type Resolution } from './resolve.js';
import type { Workspace, WorkspacePackage } from './workspace.js';

/** One import with both its ends; what every rule looks at. */
interface ImportEdge extends ImportMention {
  readonly from: string;
  readonly owner: WorkspacePackage;
  readonly target: Resolution;
}

/** A rule gives one line for each import that breaks it. */
export type ImportRule = (workspace: Workspace) => string[];

/** Packages import only packages of a lower layer, and only those in `mayImport` where they are listed there. */
export function layerRule(mayImport: Readonly<Record<string, readonly string[]>>): ImportRule {
  return (workspace) =>
    crossingEdges(workspace)
      .filter(({ owner, other }) => other.layer >= owner.layer || mayImport[owner.name]?.includes(other.name) === false)
      .map(({ edge, owner, other }) =>
        report(edge, `${owner.name} (layer ${owner.layer}) must not import ${other.name} (layer ${other.layer})`),
      );
}

/** A relative import stays inside its package and names a file that exists. */
export const relativeRule: ImportRule = (workspace) =>
  importEdges(workspace)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .filter(({ from, specifier, owner }) => !posix.join(posix.dirname(from), specifier).startsWith(`${owner.root}/`))
    .map((edge) => report(edge, `relative import leaves ${edge.owner.root}: "${edge.specifier}"`));

/** Every import leads to a file or to a subpath that its package exports. */
export const existsRule: ImportRule = (workspace) =>
  importEdges(workspace)
    .filter(({ target }) => target.kind === 'missing')
    .map((edge) => report(edge, `"${edge.specifier}" leads nowhere`));

/**
 * A package declares what it imports. Sources that are published need a dependency (a type may come from a development
 * one); tests and benches may also use the repository's own development dependencies, given as `shared`.
 */
export function declaredRule(shared: ReadonlySet<string>): ImportRule {
  return (workspace) =>
    importEdges(workspace)
      .filter((edge) => !isDeclared(edge, importedName(workspace, edge), shared))
      .map((edge) => report(edge, `${edge.owner.name} does not declare "${importedName(workspace, edge) ?? ''}"`));
}

/** `module` is imported as a value only by files below `folders`. */
export function onlyWithin(module: string, folders: readonly string[]): ImportRule {
  return (workspace) =>
    importEdges(workspace)
      .filter(({ kind, target }) => kind !== 'type' && target.kind === 'external' && target.name === module)
      .filter(({ from }) => isSource(from) && !folders.some((folder) => from.startsWith(`${folder}/`)))
      .map((edge) => report(edge, `only ${folders.join(', ')} may import ${module}`));
}

/** All imports of the workspace with their ends resolved. */
export function importEdges(workspace: Workspace): ImportEdge[] {
  return [...workspace.files].flatMap(([from, mentions]) => {
    const owner = ownerOf(workspace, from);
    return mentions.map((mention) => ({
      ...mention,
      from,
      owner,
      target: resolveImport(workspace, from, mention.specifier),
    }));
  });
}

function crossingEdges(workspace: Workspace): { edge: ImportEdge; owner: WorkspacePackage; other: WorkspacePackage }[] {
  return importEdges(workspace)
    .filter(({ from }) => isSource(from))
    .flatMap((edge) => {
      const other = edge.target.kind === 'file' ? ownerOf(workspace, edge.target.path) : edge.owner;
      return other === edge.owner ? [] : [{ edge, owner: edge.owner, other }];
    });
}

function isDeclared(edge: ImportEdge, name: string | undefined, shared: ReadonlySet<string>): boolean {
  const { owner, kind, from } = edge;
  if (name === undefined || name === owner.name || owner.dependencies.has(name)) return true;
  const developmentAllowed = kind === 'type' || !isSource(from) || owner.root.startsWith('tools/');
  return (developmentAllowed && owner.devDependencies.has(name)) || (!isSource(from) && shared.has(name));
}

function importedName(workspace: Workspace, { target, specifier }: ImportEdge): string | undefined {
  if (target.kind === 'external') return target.name;
  if (target.kind === 'builtin' || specifier.startsWith('.')) return undefined;
  return workspace.packages.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`))?.name;
}

function isSource(path: string): boolean {
  return /^[^/]+\/[^/]+\/(src|bin)\//.test(path);
}

function report(edge: ImportEdge, message: string): string {
  return `${edge.from}:${edge.line} ${message}`;
}
