import { afterEach, beforeEach, expect } from 'vitest';

const methods = ['log', 'info', 'debug', 'warn', 'error', 'trace'] as const;
const lines: string[] = [];
const originals = { ...console };

// Libraries print nothing: a test fails when the code under test writes to the console.
beforeEach(() => {
  lines.length = 0;
  for (const method of methods)
    console[method] = (...values: unknown[]) => void lines.push(`console.${method}: ${values.map(String).join(' ')}`);
});

afterEach(() => {
  Object.assign(console, originals);
  expect(lines, 'code under test must not write to the console').toEqual([]);
});
