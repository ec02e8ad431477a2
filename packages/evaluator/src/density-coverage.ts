import { requirePair, type FeatureMatrix } from './feature-matrix.js';
import { centredPair, forEachRow, squaredRadii } from './neighbours.js';

/** Fidelity and diversity that outliers disturb less than precision and recall. */
export interface DensityCoverage {
  /** Mean number of real balls around a generated row, over k; can exceed 1. */
  readonly density: number;
  /** Share of real balls that hold a generated row. */
  readonly coverage: number;
}

/**
 * Density and coverage (Naeem et al. 2020, eq. 5 and 6) with balls around the real rows that reach to the k-th nearest
 * other real row. A row on the edge is outside, as in the authors' `prdc` package.
 *
 * @param options.k neighbours, default 5.
 * @throws RangeError for unequal columns, values that are not finite, or k not below the real rows.
 */
export function densityCoverage(
  sets: { generated: FeatureMatrix; real: FeatureMatrix },
  options: { k?: number } = {},
): DensityCoverage {
  requirePair('densityCoverage', [sets.real, sets.generated]);
  const { k = 5 } = options;
  const [real, generated] = centredPair(sets.real, sets.generated);
  const radii = squaredRadii(real, k);
  let [pairs, covered] = [0, 0];
  forEachRow(real, generated, (distances, i) => {
    const radius = radii[i] ?? 0;
    const inside = distances.reduce((count, distance) => count + (distance < radius ? 1 : 0), 0);
    pairs += inside;
    if (inside > 0) covered++;
  });
  return { density: pairs / (k * generated.rows), coverage: covered / real.rows };
}
