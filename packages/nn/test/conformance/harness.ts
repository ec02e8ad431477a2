import type { DeviceTensor, Engine, Program, TensorData, Value } from '@lascaux/nn';
import { ProgramBuilder, gradients, ops, randomStream } from '@lascaux/nn';
import type { Case, Operand } from './cases.js';

const size = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

/** The seeded numbers of an operand. */
export function drawOperand({ shape, draw = 'normal' }: Operand, seed: string): TensorData {
  const stream = randomStream(seed);
  if (typeof draw === 'object')
    return BigInt64Array.from({ length: size(shape) }, () => BigInt(stream.integer(draw.below)));
  const values = stream.normal(size(shape));
  return draw === 'positive' ? values.map((value) => 0.5 + Math.abs(value)) : values;
}

/** A case's operands as inputs of a program, then `outputs` of its result. */
function build(
  example: Case,
  outputs: (inputs: readonly Value[], result: Value) => Readonly<Record<string, Value>>,
): Program {
  const builder = new ProgramBuilder();
  const inputs = example.operands.map(({ shape, draw }, i) =>
    builder.input(`x${i}`, { shape, dtype: typeof draw === 'object' ? 'int64' : 'float32' }),
  );
  return builder.finish(outputs(inputs, example.body(...inputs)));
}

const differentiable = (example: Case): readonly number[] =>
  example.operands.flatMap(({ draw }, i) => (typeof draw === 'object' ? [] : [i]));

/** The weights of a case's loss: a seeded number for each element of the result. */
export const weightsOf = (shape: readonly number[]): Float32Array => randomStream('weights').normal(size(shape));

/** Result, weighted sum of the result, and its gradients for all float operands. */
export function caseProgram(example: Case): Program {
  return build(example, (inputs, result) => {
    if (example.noGradient !== undefined) return { result };
    const weights = weightsOf(result.shape as readonly number[]);
    const loss = ops.sum(
      ops.mul(result, ops.constant(result, [...weights], { shape: result.shape as readonly number[] })),
    );
    const wanted = differentiable(example);
    const found = gradients(
      loss,
      wanted.map((i) => inputs[i] as Value),
    );
    return { result, loss, ...Object.fromEntries(found.map((gradient, i) => [`d${wanted[i]}`, gradient])) };
  });
}

export const operandsOf = (example: Case): readonly TensorData[] =>
  example.operands.map((operand, i) => drawOperand(operand, `operand ${i}`));

/** Compiles and runs a program once on plain arrays. */
export async function runOnce(
  engine: Engine,
  program: Program,
  operands: readonly TensorData[],
  shapes: readonly (readonly number[])[],
): Promise<Record<string, Float32Array>> {
  const executable = await engine.compile(program);
  const inputs: Record<string, DeviceTensor> = {};
  operands.forEach((data, i) => (inputs[`x${i}`] = engine.upload(data, shapes[i] as readonly number[])));
  const outputs = await executable.run(inputs);
  const read = await Promise.all(
    Object.entries(outputs).map(
      async ([name, tensor]) => [name, Float32Array.from((await tensor.read()) as Float32Array)] as const,
    ),
  );
  for (const tensor of [...Object.values(inputs), ...Object.values(outputs)]) tensor.dispose();
  await executable.dispose();
  return Object.fromEntries(read);
}

/** Central differences of the case's loss for one operand, element by element, with a float32 engine: the step balances rounding and curvature. */
export async function finiteDifferences(engine: Engine, example: Case, index: number): Promise<Float32Array> {
  const program = caseProgram(example);
  const executable = await engine.compile(program);
  const operands = operandsOf(example);
  const target = operands[index] as Float32Array;
  const step = 2e-2;
  const lossAt = async (element: number, delta: number): Promise<number> => {
    const moved = Float32Array.from(target);
    moved[element] = (moved[element] as number) + delta;
    const inputs = Object.fromEntries(
      operands.map((data, i) => [
        `x${i}`,
        engine.upload(i === index ? moved : data, (example.operands[i] as Operand).shape),
      ]),
    );
    const outputs = await executable.run(inputs);
    const loss = ((await (outputs.loss as DeviceTensor).read()) as Float32Array)[0] as number;
    for (const tensor of [...Object.values(inputs), ...Object.values(outputs)]) tensor.dispose();
    return loss;
  };
  const slopes = new Float32Array(target.length);
  for (let i = 0; i < target.length; i++) slopes[i] = ((await lossAt(i, step)) - (await lossAt(i, -step))) / (2 * step);
  await executable.dispose();
  return slopes;
}

/** Largest difference, relative to the largest value (at least 1). */
export function worstError(a: Float32Array, b: Float32Array): number {
  let [difference, largest] = [0, 1];
  a.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(value - (b[i] as number)));
    largest = Math.max(largest, Math.abs(value));
  });
  return a.length === b.length ? difference / largest : Infinity;
}
