import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inferenceRule, isData, isTfjs, isTraining } from './imports/inference.js';
import { importCycles, reachedFrom } from './imports/reach.js';
import { declaredRule, existsRule, layerRule, onlyWithin, relativeRule } from './imports/rules.js';
import { readWorkspace } from './imports/workspace.js';

const repository = fileURLToPath(new URL('..', import.meta.url));
const workspace = readWorkspace(repository);

/** The packages and what each may import; tools may import every lower layer. See docs/decisions/0002-layers.md. */
const mayImport: Record<string, string[]> = {
  '@lascaux/nn': [],
  '@lascaux/data': ['@lascaux/nn'],
  '@lascaux/training': ['@lascaux/nn'],
  '@lascaux/text-encoder': ['@lascaux/nn', '@lascaux/data', '@lascaux/training'],
  '@lascaux/vae': ['@lascaux/nn', '@lascaux/data', '@lascaux/training'],
  '@lascaux/diffusion': ['@lascaux/nn', '@lascaux/data', '@lascaux/training'],
  '@lascaux/models': [
    '@lascaux/nn',
    '@lascaux/data',
    '@lascaux/training',
    '@lascaux/text-encoder',
    '@lascaux/vae',
    '@lascaux/diffusion',
  ],
  '@lascaux/pipeline': [
    '@lascaux/nn',
    '@lascaux/data',
    '@lascaux/text-encoder',
    '@lascaux/vae',
    '@lascaux/diffusion',
    '@lascaux/models',
  ],
  '@lascaux/evaluator': [
    '@lascaux/nn',
    '@lascaux/data',
    '@lascaux/text-encoder',
    '@lascaux/vae',
    '@lascaux/diffusion',
    '@lascaux/models',
    '@lascaux/pipeline',
  ],
  '@lascaux/studio': ['@lascaux/nn', '@lascaux/models'],
  '@lascaux/server': ['@lascaux/nn', '@lascaux/diffusion', '@lascaux/models', '@lascaux/pipeline'],
};

/** They read pictures without training anything. */
const dataReaders = ['@lascaux/evaluator', '@lascaux/pipeline', '@lascaux/server', '@lascaux/ai-sdk', '@lascaux/cli'];

const rootManifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  devDependencies: Record<string, string>;
};

describe('imports of the workspace', () => {
  it('walks every package', () => {
    expect(workspace.packages.filter(({ root }) => root.startsWith('packages/'))).toHaveLength(13);
    expect(workspace.files.size).toBeGreaterThan(10);
  });

  it.each([
    ['only reach lower layers', layerRule(mayImport)],
    ['stay inside the package when they are relative', relativeRule],
    ['lead to something', existsRule],
    ['are declared', declaredRule(new Set(Object.keys(rootManifest.devDependencies)))],
    ['make no ring, of types neither', importCycles],
    ['never load tfjs for inference', inferenceRule(isTfjs, ['@lascaux/training'])],
    ['never load training for inference', inferenceRule(isTraining, ['@lascaux/training'])],
    ['never read a data set for inference', inferenceRule(isData, ['@lascaux/data', ...dataReaders])],
    ['know ONNX Runtime in one place', onlyWithin('onnxruntime-node', ['packages/nn/src/onnx'])],
  ])('%s', (_, rule) => {
    expect(rule(workspace)).toEqual([]);
  });
});

/** What importing an entry loads at once, of our own files. */
const modulesOf = (name: string, subpath = '.'): number => {
  const entry = workspace.packages.find((candidate) => candidate.name === name)?.entries.get(subpath);
  return [...reachedFrom(workspace, entry!, ['static']).keys()].filter((path) => path.startsWith('packages/')).length;
};

describe('what an import loads', () => {
  it.each([
    ['@lascaux/pipeline', '.', 191],
    ['@lascaux/pipeline', './options', 110],
    ['@lascaux/models', '.', 122],
    ['@lascaux/models', './naming', 100],
    ['@lascaux/models', './hub', 61],
  ])('%s %s is no more than it needs', (name, subpath, most) => {
    expect(modulesOf(name, subpath)).toBeLessThanOrEqual(most);
  });

  it('is what paints, and neither conversion, hub, nor judges', () => {
    const { entries } = workspace.packages.find(({ name }) => name === '@lascaux/pipeline')!;
    const reached = [...reachedFrom(workspace, entries.get('.')!, ['static']).keys()];
    const others =
      /^packages\/(?:evaluator|training|data|cli|models\/src\/(?:convert|hub\/pull-model)|nn\/src\/networks)\b/;
    expect(reached.filter((path) => others.test(path) || path === 'sharp')).toEqual([]);
  });
});
