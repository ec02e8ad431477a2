import nx from '@nx/eslint-plugin';
import { defineConfig } from 'eslint/config';
import typescript from 'typescript-eslint';

/** Layers that a project of each layer may import, by its `layer:N` tag; see docs/decisions/0002-layers.md. */
const lowerLayers = {
  ...{ 0: [], 1: [0], 2: [0, 1], 3: [0, 1], 4: [0, 1, 2], 5: [0, 1, 2, 3, 4], 6: [0, 1, 2, 3, 4, 5] },
  ...{ 7: [0, 1, 2, 3, 4, 5, 6], 8: [0, 1, 2, 3, 4, 5, 6, 7], 9: [0, 1, 2, 3, 4, 5, 6, 7, 8] },
  10: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
};
const depConstraints = Object.entries(lowerLayers).map(([layer, lower]) => ({
  sourceTag: `layer:${layer}`,
  onlyDependOnLibsWithTags: lower.map((number) => `layer:${number}`),
}));

const exportAll = 'ExportAllDeclaration';
const plainError = {
  selector: 'NewExpression[callee.name=/^(Error|TypeError|RangeError|SyntaxError)$/]',
  message: 'Whoever meets an error meets a LascauxError: one line with its facts.',
};

export default defineConfig(
  { ignores: ['**/dist', '.nx', 'models', 'runs', 'data', 'out', 'coverage', 'vitest.config.ts', '**/vite.config.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [typescript.configs.recommendedTypeChecked, typescript.configs.stylisticTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // An index may be out of range for the compiler and in range by construction; both notations of that are fine.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-params': ['error', 3],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allowCircularSelfDependency: true,
          depConstraints,
          // The rule knows packages and not entries: these have light ones, and others that are loaded on demand.
          checkDynamicDependenciesExceptions: [
            '@lascaux/evaluator/**',
            '@lascaux/models/**',
            '@lascaux/pipeline/**',
            '@lascaux/evaluator',
            '@lascaux/models',
            '@lascaux/pipeline',
            '@lascaux/server',
            '@lascaux/studio',
          ],
        },
      ],
    },
  },
  {
    files: ['packages/*/src/**/*.ts', 'packages/studio/page/**/*.{ts,tsx}'],
    rules: { 'no-console': 'error' },
  },
  // A case of a table and a traced function of several operands read best with their values side by side.
  { files: ['**/test/**/*.ts', 'tools/model-fixtures/**/*.ts'], rules: { 'max-params': ['error', 5] } },
  { files: ['**/index.ts'], rules: { 'no-restricted-syntax': ['error', exportAll] } },
  {
    files: ['packages/*/src/**/*.ts', 'packages/studio/page/**/*.{ts,tsx}'],
    // Here they are reasons of an abort, or are caught where they are thrown; the last says a mistake of ours.
    ignores: [
      'packages/models/src/hub/{download-file,hub-fetch}.ts',
      'packages/training/src/{engine-source,until-aborted}.ts',
      'packages/nn/src/tfjs/backends.ts',
      'packages/nn/src/onnx/graph-builder.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', exportAll, plainError] },
  },
);
