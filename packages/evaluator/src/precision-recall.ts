import { requirePair } from './feature-matrix.js';
import { withManifolds, type ManifoldOptions, type ManifoldPair } from './manifolds.js';

/** Fidelity and diversity of generated pictures. */
export interface PrecisionRecall {
  /** Share of generated rows inside the real manifold. */
  readonly precision: number;
  /** Share of real rows inside the generated manifold. */
  readonly recall: number;
  /** Harmonic mean; 0 when both are 0. */
  readonly fScore: number;
}

/** Fidelity and diversity that outliers disturb less than precision and recall. */
export interface DensityCoverage {
  /** Mean number of real balls around a generated row, over k; can exceed 1. */
  readonly density: number;
  /** Share of real balls that hold a generated row. */
  readonly coverage: number;
}

/**
 * Improved precision and recall (Kynkäänniemi et al. 2019, eq. 1–3): a set's manifold is the union of closed balls around its rows, each
 * reaching to the row's k-th nearest neighbour (itself not counted). And density and coverage (Naeem et al. 2020, eq. 5 and 6) with balls
 * around the real rows; a row on the edge is outside of those, as in the authors' `prdc` package.
 *
 * @param sets.generated first in torch-fidelity's `input1`.
 * @param options.k neighbours of precision and recall, default 3.
 * @param options.ballK neighbours of density and coverage, default 5.
 * @throws LascauxError for unequal columns, values that are not finite, or a k not below the rows of a set whose balls it is for.
 */
export async function precisionRecall(
  sets: ManifoldPair,
  options: { k?: number; ballK?: number } & ManifoldOptions = {},
): Promise<PrecisionRecall & DensityCoverage> {
  requirePair('precisionRecall', [sets.real, sets.generated], 2);
  const { k = 3, ballK = 5, ...rest } = options;
  return withManifolds(sets, rest, async ({ real, generated, radii, forEachGenerated }) => {
    const [realRadii, ballRadii] = (await radii(real, [k, ballK])) as [Float64Array, Float64Array];
    const [generatedRadii] = (await radii(generated, [k])) as [Float64Array];
    const [isRecalled, isCovered] = [new Uint8Array(real.rows), new Uint8Array(real.rows)];
    let [inside, pairs] = [0, 0];
    await forEachGenerated((distances, row) => {
      let isInside = false;
      for (let j = 0; j < real.rows; j++) {
        const distance = distances[j]!;
        if (distance <= realRadii[j]!) isInside = true;
        if (distance <= generatedRadii[row]!) isRecalled[j] = 1;
        if (distance >= ballRadii[j]!) continue;
        isCovered[j] = 1;
        pairs++;
      }
      if (isInside) inside++;
    });
    const [precision, recall] = [inside / generated.rows, share(isRecalled)];
    const fScore = precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0;
    return { precision, recall, fScore, density: pairs / (ballK * generated.rows), coverage: share(isCovered) };
  });
}

const share = (flags: Uint8Array): number => flags.reduce((sum, flag) => sum + flag, 0) / flags.length;
