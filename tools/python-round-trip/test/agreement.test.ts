import { expect, it } from 'vitest';
import { agreementText, agrees, relativeDifference } from '../src/evaluate/agreement.js';

const agreement = (ours: number, theirs: number) => ({
  ...{ tool: 'pytorch-fid', metric: 'fid-64', ours, theirs },
  limit: 1e-4,
});

it('measures the difference by their number', () => {
  expect(relativeDifference(agreement(2.02, 2))).toBeCloseTo(0.01, 12);
  expect(relativeDifference(agreement(0, 0))).toBe(0);
  expect(agrees(agreement(-1.00005, -1))).toBe(true);
  expect(agrees(agreement(1.0002, 1))).toBe(false);
  expect(agrees(agreement(NaN, 1))).toBe(false);
});

it('marks what is out', () => {
  expect(agreementText(agreement(1.5, 1))).toMatch(/^OUT pytorch-fid +fid-64 +1\.500000000 +1\.000000000 {2}5\.0e-1$/);
});
