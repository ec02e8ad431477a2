import type { RandomStream } from '@lascaux/nn';
import { randomStream, sizeOf } from '@lascaux/nn';
import { initializeParameters } from '@lascaux/training';
import type { BenchNetwork } from './networks.js';

/** Named float32 arrays with their shapes, in a fixed order. */
export type NamedArrays = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

/** Deviation of what is added to first values, so that layers that start at zero take part in the first loss too. */
const SHAKEN = 0.02;

/** Seeded first values of a network's parameters. */
export function parameterArrays({ step }: BenchNetwork, seed = 0): NamedArrays {
  const first = initializeParameters(step.parameters, seed);
  const root = randomStream(seed).fork('shaken');
  return new Map(
    step.parameters.map(({ name, shape }) => {
      const shake = root.fork(name).normal(sizeOf(shape));
      return [name, { shape, data: first.get(name)!.map((value, i) => value + SHAKEN * shake[i]!) }];
    }),
  );
}

/** Inputs that are no plain normal noise. */
const draws: Readonly<Record<string, (stream: RandomStream, count: number) => Float32Array>> = {
  timestep: (stream, count) => Float32Array.from({ length: count }, () => stream.integer(1000)),
  signal: (_, count) => new Float32Array(count).fill(Math.SQRT1_2),
  sigma: (_, count) => new Float32Array(count).fill(Math.SQRT1_2),
  weight: (_, count) => new Float32Array(count).fill(1),
};

/** A seeded batch of noise in the shapes that a network takes. */
export function batchArrays({ inputs }: BenchNetwork, seed = 0): NamedArrays {
  const root = randomStream(seed).fork('batch');
  return new Map(
    Object.entries(inputs).map(([name, type]) => {
      const shape = type.shape as readonly number[];
      const stream = root.fork(name);
      return [name, { shape, data: draws[name]?.(stream, sizeOf(shape)) ?? stream.normal(sizeOf(shape)) }];
    }),
  );
}
