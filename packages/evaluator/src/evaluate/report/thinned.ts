import { takeRows, type FeatureMatrix } from '../../index.js';

/** At most `count` indices below `length`, evenly apart. */
export function evenly(length: number, count: number): number[] {
  const taken = Math.min(length, count);
  return Array.from({ length: taken }, (_, k) => Math.floor((k * length) / taken));
}

/** At most `count` rows, evenly apart, with their indices in the whole. */
export function thinned(features: FeatureMatrix, count: number): { features: FeatureMatrix; indices: number[] } {
  const indices = evenly(features.rows, count);
  return { features: indices.length === features.rows ? features : takeRows(features, indices), indices };
}
