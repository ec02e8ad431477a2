import { describe, expect, it } from 'vitest';
import { fakeWorkspace } from './fake-workspace.js';
import { inferenceRule, isTfjs } from './inference.js';
import { importCycles } from './reach.js';
import { declaredRule, existsRule, layerRule, onlyWithin, relativeRule } from './rules.js';

const base = 'packages/base/src/index.ts';
const middle = 'packages/middle/src/index.ts';
const top = 'packages/top/src/index.ts';

describe('layerRule', () => {
  it('allows a lower layer', () => {
    expect(layerRule({})(fakeWorkspace({ [base]: '', [top]: `import '@fake/base'` }))).toEqual([]);
  });

  it('refuses an upward import, of a type too', () => {
    const workspace = fakeWorkspace({ [top]: '', [base]: `\nimport type { A } from '@fake/top';` });
    expect(layerRule({})(workspace)).toEqual([
      'packages/base/src/index.ts:2 @fake/base (layer 0) must not import @fake/top (layer 2)',
    ]);
  });

  it('refuses a lower layer that is not on the list', () => {
    const workspace = fakeWorkspace({
      [base]: '',
      [middle]: '',
      [top]: `import '@fake/base'; export * from '@fake/middle'`,
    });
    expect(layerRule({ '@fake/top': ['@fake/base'] })(workspace)).toHaveLength(1);
  });
});

describe('relativeRule', () => {
  it('refuses a path into another package and allows one inside', () => {
    const workspace = fakeWorkspace({ [top]: `import './inside.js'; import '../../base/src/index.js'` });
    expect(relativeRule(workspace)).toEqual([
      'packages/top/src/index.ts:1 relative import leaves packages/top: "../../base/src/index.js"',
    ]);
  });
});

describe('existsRule', () => {
  it('refuses a missing file and a subpath that is not exported', () => {
    const workspace = fakeWorkspace({
      [base]: '',
      [top]: `import './gone.js'; import '@fake/base/hidden'; import 'node:fs'`,
    });
    expect(existsRule(workspace)).toHaveLength(2);
  });
});

describe('declaredRule', () => {
  const rule = declaredRule(new Set(['test-runner']));

  it('wants a dependency for a value and lets a type come from a development dependency', () => {
    const text = `import 'undeclared/sub'; import 'declared'; import type { A } from 'only-for-development';`;
    expect(rule(fakeWorkspace({ [top]: text }, ['declared']))).toEqual([
      'packages/top/src/index.ts:1 @fake/top does not declare "undeclared"',
    ]);
  });

  it('lets tests, and only tests, use what the repository shares', () => {
    const workspace = fakeWorkspace({
      'packages/top/test/a.test.ts': `import 'test-runner'`,
      [top]: `import 'test-runner'`,
    });
    expect(rule(workspace)).toEqual(['packages/top/src/index.ts:1 @fake/top does not declare "test-runner"']);
  });
});

describe('onlyWithin', () => {
  it('lets types through and refuses values elsewhere', () => {
    const workspace = fakeWorkspace({
      'packages/base/src/engine/run.ts': `import 'native'`,
      [base]: `import type { A } from 'native'`,
      [top]: `await import('native')`,
    });
    expect(onlyWithin('native', ['packages/base/src/engine'])(workspace)).toHaveLength(1);
  });
});

describe('inferenceRule', () => {
  it('follows static and dynamic imports across packages and reports the way', () => {
    const workspace = fakeWorkspace({
      [top]: `import '@fake/base'`,
      [base]: `export const load = () => import('./engine.js')`,
      'packages/base/src/engine.ts': `import '@tensorflow/tfjs-core'`,
    });
    expect(inferenceRule(isTfjs)(workspace)).toContain(
      'inference must not load it: packages/top/src/index.ts → packages/base/src/index.ts → packages/base/src/engine.ts → @tensorflow/tfjs-core',
    );
  });

  it('lets ./train and types through', () => {
    const workspace = fakeWorkspace({
      'packages/top/src/train.ts': `import '@tensorflow/tfjs-core'`,
      [top]: `import type { Tensor } from '@tensorflow/tfjs-core'; import type { B } from './train.js'`,
    });
    expect(inferenceRule(isTfjs)(workspace)).toEqual([]);
  });
});

describe('importCycles', () => {
  it('finds a ring of values or types and ignores one closed by a dynamic import', () => {
    const ring = (closing: string): string[] =>
      importCycles(fakeWorkspace({ 'packages/base/src/a.ts': `import './b.js'`, 'packages/base/src/b.ts': closing }));
    const found = ['packages/base/src/a.ts → packages/base/src/b.ts → packages/base/src/a.ts'];
    expect(ring(`export * from './a.js'`)).toEqual(found);
    expect(ring(`import type { A } from './a.js'`)).toEqual(found);
    expect(ring(`await import('./a.js')`)).toEqual([]);
  });
});
