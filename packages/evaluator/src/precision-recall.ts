import { requirePair, type FeatureMatrix } from './feature-matrix.js';
import { centredPair, forEachRow, squaredRadii } from './neighbours.js';

/** Fidelity and diversity of generated pictures. */
export interface PrecisionRecall {
  /** Share of generated rows inside the real manifold. */
  readonly precision: number;
  /** Share of real rows inside the generated manifold. */
  readonly recall: number;
  /** Harmonic mean; 0 when both are 0. */
  readonly fScore: number;
}

/**
 * Improved precision and recall (Kynkäänniemi et al. 2019, eq. 1–3). A set's manifold is the union of closed balls around
 * its rows, each reaching to the row's k-th nearest neighbour (itself not counted).
 *
 * @param sets.generated first in torch-fidelity's `input1`.
 * @param options.k neighbours, default 3.
 * @throws RangeError for unequal columns, values that are not finite, or k not below the rows of a set.
 */
export function precisionRecall(
  sets: { generated: FeatureMatrix; real: FeatureMatrix },
  options: { k?: number } = {},
): PrecisionRecall {
  requirePair('precisionRecall', [sets.real, sets.generated], 2);
  const { k = 3 } = options;
  const [real, generated] = centredPair(sets.real, sets.generated);
  const precision = shareInside(generated, real, squaredRadii(real, k));
  const recall = shareInside(real, generated, squaredRadii(generated, k));
  return { precision, recall, fScore: precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0 };
}

function shareInside(queries: FeatureMatrix, set: FeatureMatrix, radii: Float64Array): number {
  let inside = 0;
  forEachRow(queries, set, (distances) => {
    if (distances.some((distance, j) => distance <= (radii[j] ?? 0))) inside++;
  });
  return inside / queries.rows;
}
