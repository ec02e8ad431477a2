import type { Program } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';

/** Runs a program once on the CPU with plain arrays; an input that is not given is filled with zeros. */
export async function runProgram(
  program: Program,
  values: Readonly<Record<string, readonly number[] | Float32Array>>,
): Promise<Record<string, number[]>> {
  const engine = onnxEngine({ threads: 1 });
  const executable = await engine.compile(program);
  const inputs = Object.fromEntries(
    program.inputs.map(({ name, shape }) => {
      const sizes = shape as readonly number[];
      return [
        name,
        engine.upload(Float32Array.from(values[name] ?? new Float32Array(sizes.reduce((a, b) => a * b, 1))), sizes),
      ];
    }),
  );
  const outputs = await executable.run(inputs);
  const read = await Promise.all(
    Object.entries(outputs).map(
      async ([name, tensor]) => [name, Array.from((await tensor.read()) as Float32Array)] as const,
    ),
  );
  await executable.dispose();
  return Object.fromEntries(read);
}

/** The scalars of one step, as a run gives them. */
export const scalarInputs = (scalars: Readonly<Record<string, number>>): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, [value]]));
