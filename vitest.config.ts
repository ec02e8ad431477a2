import { defineConfig } from 'vitest/config';

// Tests import packages by name; the source condition resolves them to src/, so no build is needed first.
export default defineConfig({
  ssr: { resolve: { conditions: ['@lascaux/source'] } },
  resolve: { conditions: ['@lascaux/source'] },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'tools/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
  },
});
