import { afterEach, beforeEach, expect } from 'vitest';

const methods = ['log', 'info', 'debug', 'warn', 'error', 'trace'] as const;
const lines: string[] = [];
const originals = new Map(methods.map((method) => [method, console[method]]));

// Libraries print nothing: a test fails when the code under test writes to the console.
beforeEach(() => {
  lines.length = 0;
  for (const method of methods)
    console[method] = (...values: unknown[]) => void lines.push(`console.${method}: ${values.map(String).join(' ')}`);
});

afterEach(() => {
  for (const [method, original] of originals) console[method] = original;
  expect(lines, 'code under test must not write to the console').toEqual([]);
});
