import { readFileSync } from 'node:fs';
import type { FeatureMatrix } from '@lascaux/evaluator';

/** How a feature set of the fixtures is made. */
export interface Recipe {
  N: number;
  seed: number;
  mix?: number;
  shift0?: number;
  shift1?: number;
  s0?: number;
  s1?: number;
  rank?: number;
  tiny?: number;
}

/** Uniform numbers in (0, 1): state ← 1664525·state + 1013904223 mod 2³², value (state + ½)/2³². */
export function linearCongruential(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

/** The features of a recipe, bit for bit those behind the reference numbers. */
export function makeFeatures(recipe: Recipe, columns: number): FeatureMatrix {
  const { N, seed, mix = 0, shift0 = 0, shift1 = 0, s0 = 1, s1 = 0, rank = columns, tiny = 0 } = recipe;
  const u = linearCongruential(seed);
  const z = Float64Array.from({ length: N * columns }, () => (u() + u() + u() + u() - 2) * 1.7320508075688772);
  const data = new Float64Array(N * columns);
  const at = (array: Float64Array, i: number, j: number): number => array[i * columns + j] ?? NaN;
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < columns; j++) {
      const shift = shift0 + shift1 * (((j * 7) % 11) / 11);
      const scale = s0 + s1 * (((j * 5) % 13) / 13);
      data[i * columns + j] = shift + scale * (at(z, i, j) + mix * at(z, i, (j + 1) % columns));
    }
    for (let j = rank; j < columns; j++) data[i * columns + j] = at(data, i, j % rank) + tiny * at(z, i, j);
  }
  return { data, rows: N, columns };
}

/** A fixture by its file name. */
export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')) as T;
}
