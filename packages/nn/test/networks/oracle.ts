import type { Program, TensorData } from '@lascaux/nn';
import { fromFloat16, parametersOf, readSafetensors, sizeOf } from '@lascaux/nn';
import { encodeModel, onnxEngine, openSession, programGraph } from '@lascaux/nn/onnx';
import { Tensor } from 'onnxruntime-common';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

interface Array_ {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** A tiny random network of the reference, with what it gave (see fixtures/README.md). */
export interface Oracle {
  readonly config: unknown;
  /** float16 bits */
  readonly weights: ReadonlyMap<string, Array_>;
  readonly inputs: ReadonlyMap<string, Array_>;
  readonly outputs: ReadonlyMap<string, Array_>;
  /** Of the mean square of an output: for each weight, sorted by name, ⟨gradient, weight⟩ and |gradient|². */
  readonly gradients: ReadonlyMap<string, Array_>;
}

export async function readOracle(name: string): Promise<Oracle> {
  const path = fileURLToPath(new URL(`fixtures/${name}.safetensors`, import.meta.url));
  const { tensors, metadata } = await readSafetensors(path);
  const part = (prefix: string): Map<string, Array_> =>
    new Map(
      [...tensors]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, { shape, data }]) => [key.slice(prefix.length), { shape, data: data as TensorData }]),
    );
  return {
    config: JSON.parse(metadata.config ?? ''),
    weights: part('weights/'),
    inputs: part('inputs/'),
    outputs: part('outputs/'),
    gradients: part('gradients/'),
  };
}

export const tensorOf = (arrays: ReadonlyMap<string, Array_>, name: string): Array_ => {
  const array = arrays.get(name);
  if (array === undefined) throw new Error(`no ${name} in the fixture`);
  return array;
};

/** Parameter names and shapes of programs, sorted. */
export const parameterShapes = (...programs: readonly Program[]): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries(
    programs.flatMap((program) => parametersOf(program).map(({ name, shape }) => [name, shape] as const)).sort(),
  );

/** Weight names and shapes of the reference, sorted. */
export const referenceShapes = (oracle: Oracle): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries([...oracle.weights].map(([name, { shape }]) => [name, shape] as const).sort());

/** How many numbers the parameters of programs hold. */
export const parameterCount = (...programs: readonly Program[]): number =>
  Object.values(parameterShapes(...programs)).reduce((total, shape) => total + sizeOf(shape), 0);

const numbers = (data: TensorData): readonly number[] => Array.from(data as ArrayLike<number | bigint>, Number);

function largestDifference(got: TensorData, expected: TensorData): number {
  expect(got.length).toBe(expected.length);
  const values = numbers(got);
  return Math.max(...numbers(expected).map((value, i) => Math.abs(value - (values[i] as number))));
}

function inputOf(oracle: Oracle, name: string): Array_ {
  return tensorOf(oracle.inputs, name);
}

/** Runs a program of known sizes on the ONNX engine and returns the largest difference from the reference over its outputs. */
export async function engineError(oracle: Oracle, program: Program): Promise<number> {
  const engine = onnxEngine({ device: 'cpu', threads: 1 });
  const executable = await engine.compile(program);
  const feeds = program.inputs.map((input) => {
    if (input.parameter === undefined) {
      const { data, shape } = inputOf(oracle, input.name);
      return [input.name, engine.upload(data, shape)] as const;
    }
    const { data, shape } = tensorOf(oracle.weights, input.name);
    return [input.name, engine.upload(fromFloat16(data as Uint16Array), shape)] as const;
  });
  const results = await executable.run(Object.fromEntries(feeds));
  let worst = 0;
  for (const [name, tensor] of Object.entries(results)) {
    const expected = tensorOf(oracle.outputs, name);
    expect(tensor.shape).toEqual(expected.shape);
    worst = Math.max(worst, largestDifference(await tensor.read(), expected.data));
  }
  await executable.dispose();
  return worst;
}

/** The same for a program with named axes as a model file, weights stored in it as float16. */
export async function modelError(oracle: Oracle, program: Program): Promise<number> {
  const stored = new Map(
    [...oracle.weights].map(([name, { data }]) => [name, { dtype: 'float16', source: { data } }] as const),
  );
  const session = await openSession(encodeModel(programGraph(program, { stored })), { threads: 1 });
  const feeds = Object.fromEntries(
    session.inputNames.map((name) => {
      const { data, shape } = inputOf(oracle, name);
      return [
        name,
        new Tensor(data instanceof Float32Array ? 'float32' : 'int64', data as Float32Array, shape),
      ] as const;
    }),
  );
  const results = await session.run(feeds);
  let worst = 0;
  for (const [name, tensor] of Object.entries(results)) {
    const expected = tensorOf(oracle.outputs, name);
    expect(tensor.dims).toEqual(expected.shape);
    worst = Math.max(worst, largestDifference(tensor.data as Float32Array, expected.data));
  }
  await session.release();
  return worst;
}
