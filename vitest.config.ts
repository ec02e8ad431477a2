import { defineConfig } from 'vitest/config';

// Tests import packages by name; the source condition resolves them to src/, so no build is needed first.
export default defineConfig({
  ssr: { resolve: { conditions: ['@lascaux/source'] } },
  resolve: { conditions: ['@lascaux/source'] },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'tools/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/fail-on-console.ts'],
    testTimeout: 30_000,
    // Native engines take long to load on a busy machine.
    hookTimeout: 60_000,
  },
});
