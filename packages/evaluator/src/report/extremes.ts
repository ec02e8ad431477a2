import { LascauxError } from '@lascaux/nn';
import type { FeatureMatrix } from '../feature-matrix.js';
import { centredPair, forEachRow, squaredRadii } from '../neighbours.js';

/** A picture of one set with the nearest of the other. */
export interface NearestPicture {
  readonly index: number;
  /** Row of the other set. */
  readonly nearest: number;
  /** Euclidean distance of their features. */
  readonly distance: number;
}

/** Every row's nearest row of the other set, the closest pair first. @throws LascauxError when either is empty or the columns differ */
export function nearestPictures(queries: FeatureMatrix, set: FeatureMatrix): NearestPicture[] {
  if (queries.rows === 0 || set.rows === 0 || queries.columns !== set.columns) {
    throw new LascauxError({
      operation: 'nearest pictures',
      rule: `two sets of features of one width are needed, got ${queries.rows}×${queries.columns} and ${set.rows}×${set.columns}`,
    });
  }
  const found: NearestPicture[] = [];
  const [from, to] = centredPair(queries, set);
  forEachRow(from, to, (distances, index) => {
    const nearest = distances.reduce((best, distance, row) => (distance < distances[best]! ? row : best), 0);
    found.push({ index, nearest, distance: Math.sqrt(Math.max(0, distances[nearest]!)) });
  });
  return found.sort((a, b) => a.distance - b.distance);
}

/** Distance of each row to the nearest other row of its own set, in row order. @throws LascauxError with fewer than two rows */
export function distancesWithin(set: FeatureMatrix): Float64Array {
  return squaredRadii(set, 1).map(Math.sqrt);
}
