import { parseImports } from './parse-imports.js';
import type { Workspace, WorkspacePackage } from './workspace.js';

/** A workspace made of source texts, for trying a rule on a mistake. Layers: base 0, middle 1, top 2. */
export function fakeWorkspace(
  sources: Readonly<Record<string, string>>,
  dependencies: readonly string[] = [],
): Workspace {
  const names = ['base', 'middle', 'top'];
  const packages = names.map((name, layer): WorkspacePackage => ({
    name: `@fake/${name}`,
    root: `packages/${name}`,
    layer,
    entries: new Map([
      ['.', `packages/${name}/src/index.ts`],
      ['./train', `packages/${name}/src/train.ts`],
    ]),
    programs: [],
    dependencies: new Set(dependencies),
    devDependencies: new Set(['only-for-development']),
  }));
  const files = new Map(Object.entries(sources).map(([path, text]) => [path, parseImports(path, text)]));
  return { packages, files };
}
