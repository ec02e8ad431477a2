import { LascauxError } from '@lascaux/nn';
import { sliceRows, type FeatureMatrix } from './feature-matrix.js';
import { squaredDistances, translated } from './rows.js';

/** Rows whose distances to a whole set are held at a time. */
const CHUNK = 256;

/** Squared distance of each row to its k-th nearest other row of the same set. @throws LascauxError unless 1 ≤ k < rows. */
export function squaredRadii(set: FeatureMatrix, k: number): Float64Array {
  if (!Number.isInteger(k) || k < 1 || k >= set.rows) {
    throw new LascauxError({
      operation: 'nearest neighbours',
      rule: `k must be an integer from 1 to ${set.rows - 1}`,
      value: k,
    });
  }
  const radii = new Float64Array(set.rows);
  forEachRow(set, set, (distances, i) => {
    distances[i] = 0;
    radii[i] = distances.sort()[k] ?? 0;
  });
  return radii;
}

/** Calls `visit` with the squared distances of each row of `queries` to all rows of `set`; the array is the visitor's. */
export function forEachRow(
  queries: FeatureMatrix,
  set: FeatureMatrix,
  visit: (distances: Float64Array, row: number) => void,
): void {
  for (let start = 0; start < queries.rows; start += CHUNK) {
    const chunk = sliceRows(queries, start, Math.min(start + CHUNK, queries.rows));
    const distances = squaredDistances(chunk, set);
    for (let i = 0; i < chunk.rows; i++) visit(distances.subarray(i * set.rows, (i + 1) * set.rows), start + i);
  }
}

/** Both sets in float64, moved so that the first one's mean is the origin, where differences lose the fewest digits. */
export function centredPair(first: FeatureMatrix, second: FeatureMatrix): [FeatureMatrix, FeatureMatrix] {
  const origin = new Float64Array(first.columns);
  first.data.forEach((value, i) => {
    origin[i % first.columns] = (origin[i % first.columns] ?? 0) + value / first.rows;
  });
  return [translated(first, origin), translated(second, origin)];
}
