import { onnxEngine } from '@lascaux/nn/onnx';
import { tfjsEngine } from '@lascaux/nn/tfjs';
import { describe, expect, test } from 'vitest';
import { cases } from './cases.js';
import { caseProgram, operandsOf, runOnce, worstError } from './harness.js';

const reference = onnxEngine();

describe.each(['cpu', 'wasm'] as const)('tfjs %s agrees with onnx', async (backend) => {
  const engine = await tfjsEngine({ backend });
  for (const [primitive, examples] of Object.entries(cases)) {
    for (const [name, example] of Object.entries(examples)) {
      test(`${primitive}: ${name}`, async () => {
        const shapes = example.operands.map(({ shape }) => shape);
        const program = caseProgram(example);
        const expected = await runOnce(reference, program, operandsOf(example), shapes);
        const found = await runOnce(engine, program, operandsOf(example), shapes);
        expect(Object.keys(found)).toEqual(Object.keys(expected));
        for (const [output, values] of Object.entries(expected))
          expect(worstError(values, found[output] as Float32Array), output).toBeLessThan(1e-4);
      });
    }
  }
});
