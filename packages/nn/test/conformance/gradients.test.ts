import { onnxEngine } from '@lascaux/nn/onnx';
import { describe, expect, test } from 'vitest';
import { cases } from './cases.js';
import { caseProgram, finiteDifferences, operandsOf, runOnce, worstError } from './harness.js';

const engine = onnxEngine({ threads: 1 });

const differentiable = Object.entries(cases).flatMap(([primitive, examples]) =>
  Object.entries(examples)
    .filter(([, { noGradient }]) => noGradient === undefined)
    .map(([name, example]) => [`${primitive}: ${name}`, example] as const),
);

describe('gradients agree with finite differences', () => {
  test.each(differentiable)('%s', async (_, example) => {
    const shapes = example.operands.map(({ shape }) => shape);
    const found = await runOnce(engine, caseProgram(example), operandsOf(example), shapes);
    for (const [i, { draw }] of example.operands.entries()) {
      if (typeof draw === 'object') continue;
      expect(worstError(found[`d${i}`] as Float32Array, await finiteDifferences(engine, example, i))).toBeLessThan(
        2e-3,
      );
    }
  });
});
