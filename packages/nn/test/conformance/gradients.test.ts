import { onnxEngine } from '@lascaux/nn/onnx';
import { describe, expect, test } from 'vitest';
import { cases } from './cases.js';
import { caseProgram, finiteDifferences, operandsOf, runOnce, worstError } from './harness.js';

const engine = onnxEngine();

describe('gradients agree with finite differences', () => {
  for (const [primitive, examples] of Object.entries(cases)) {
    for (const [name, example] of Object.entries(examples)) {
      if (example.noGradient !== undefined) continue;
      test(`${primitive}: ${name}`, async () => {
        const shapes = example.operands.map(({ shape }) => shape);
        const found = await runOnce(engine, caseProgram(example), operandsOf(example), shapes);
        for (const [i, { draw }] of example.operands.entries()) {
          if (typeof draw === 'object') continue;
          expect(worstError(found[`d${i}`] as Float32Array, await finiteDifferences(engine, example, i))).toBeLessThan(
            2e-3,
          );
        }
      });
    }
  }
});
