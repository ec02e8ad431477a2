import type { Engine } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Case } from './cases.js';
import { cases } from './cases.js';
import { composed } from './composed.js';
import { caseProgram, operandsOf, runOnce, worstError } from './harness.js';
import { reasonAgainst, testEngines, titleOf } from './test-engines.js';

const reference = onnxEngine({ threads: 1 });

const all: readonly (readonly [string, Case])[] = [
  ...Object.entries(cases).flatMap(([primitive, examples]) =>
    Object.entries(examples).map(([name, example]) => [`${primitive}: ${name}`, example] as const),
  ),
  ...Object.entries(composed),
];

for (const entry of testEngines) {
  describe.skipIf(entry.skip !== undefined)(`${titleOf(entry)} gives what onnx on cpu gives`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await entry.open();
    });

    test.for(all)('%s', async ([name, example], { skip }) => {
      skip(reasonAgainst(entry, name) !== undefined, reasonAgainst(entry, name));
      const shapes = example.operands.map(({ shape }) => shape);
      const program = caseProgram(example);
      const expected = await runOnce(reference, program, operandsOf(example), shapes);
      const found = await runOnce(engine, program, operandsOf(example), shapes);
      expect(Object.keys(found)).toEqual(Object.keys(expected));
      for (const [output, values] of Object.entries(expected))
        expect(worstError(values, found[output] as Float32Array), output).toBeLessThan(
          entry.tolerances?.[name] ?? 1e-4,
        );
    });
  });
}
