import type { ImportKind } from './parse-imports.js';
import { reachedFrom } from './reach.js';
import type { ImportRule } from './rules.js';
import type { Workspace } from './workspace.js';

const trainingEntries = new Set(['./tfjs', './train']);

interface LoadPoint {
  readonly file: string;
  readonly kinds: readonly ImportKind[];
}

/**
 * No inference entry leads to a module for which `isForbidden` holds. Inference entries are all `exports` of the packages
 * not in `exempt`, except `./tfjs` and `./train`: there dynamic imports count too. The command line may load more on
 * demand, so for `bin` scripts only what loads at once counts.
 */
export function inferenceRule(isForbidden: (module: string) => boolean, exempt: readonly string[] = []): ImportRule {
  return (workspace) =>
    loadPoints(workspace, exempt).flatMap(({ file, kinds }) =>
      [...reachedFrom(workspace, file, kinds)]
        .filter(([module]) => isForbidden(module))
        .map(([, path]) => `inference must not load it: ${path.join(' → ')}`),
    );
}

/** tfjs in any of its packages, and our engine on it. */
export function isTfjs(module: string): boolean {
  return module.startsWith('@tensorflow/') || module.startsWith('packages/nn/src/tfjs/');
}

/** The package that reads pictures and captions. */
export function isData(module: string): boolean {
  return module.startsWith('packages/data/');
}

/** The training package. */
export function isTraining(module: string): boolean {
  return module.startsWith('packages/training/');
}

function loadPoints(workspace: Workspace, exempt: readonly string[]): LoadPoint[] {
  return workspace.packages
    .filter(({ root, name }) => root.startsWith('packages/') && !exempt.includes(name))
    .flatMap(({ entries, programs }) => [
      ...[...entries]
        .filter(([subpath]) => !trainingEntries.has(subpath))
        .map(([, file]): LoadPoint => ({ file, kinds: ['static', 'dynamic'] })),
      ...programs.map((file): LoadPoint => ({ file, kinds: ['static'] })),
    ]);
}
