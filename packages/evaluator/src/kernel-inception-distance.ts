import { LascauxError } from '@lascaux/nn';
import { openRowProducts } from '@lascaux/nn/onnx';
import { productType } from './centred-rows.js';
import { requirePair, takeRows, type FeatureMatrix } from './feature-matrix.js';
import { subsetDiscrepancies, type KernelSumOptions, type SubsetPair } from './kernel-sums.js';
import { resolvedKernel, type PolynomialKernel } from './maximum-mean-discrepancy.js';
import { numpyRandomState } from './random-state.js';

/** KID of two sets. */
export interface KernelInceptionDistance {
  readonly mean: number;
  /** Over subsets, divided by their number. */
  readonly standardDeviation: number;
  readonly perSubset: Float64Array;
}

/**
 * Kernel Inception distance (Bińkowski et al. 2018): the unbiased MMD² under (x·y/d + 1)³, averaged over random subsets.
 * The defaults are torch-fidelity's (100 subsets of 1,000, `RandomState(2020)`, the first set drawn first), so the numbers are too;
 * clean-fid takes min(N₁, N₂, 1000) rows and an unseeded stream. Products of float32 features are computed in float32, of others in
 * float64; all else in float64.
 *
 * @param options.drawn subsets given by hand instead of `subsets`, `subsetSize` and `seed`.
 * @param options.threads of the products; ONNX Runtime's choice by default.
 * @throws LascauxError when a subset is larger than a set, or smaller than two rows.
 */
export async function kernelInceptionDistance(
  features1: FeatureMatrix,
  features2: FeatureMatrix,
  options: {
    subsets?: number;
    subsetSize?: number;
    seed?: number;
    kernel?: PolynomialKernel;
    drawn?: Iterable<SubsetPair>;
    threads?: number;
    signal?: AbortSignal;
  } = {},
): Promise<KernelInceptionDistance> {
  requirePair('kernelInceptionDistance', [features1, features2], 2);
  const { subsets = 100, subsetSize = 1000, seed = 2020, threads, signal } = options;
  const counts = [features1.rows, features2.rows] as const;
  const pairs = [...(options.drawn ?? drawSubsets(counts, { subsets, subsetSize, seed }))];
  const products = await openRowProducts({ dtype: productType(features1, features2), threads });
  try {
    const kernel = resolvedKernel(options.kernel ?? {}, features1.columns);
    const perSubset = await discrepancies([features1, features2], pairs, { products, kernel, signal });
    return { ...meanAndDeviation(perSubset), perSubset };
  } finally {
    await products.dispose();
  }
}

/** Products of two symmetric halves and of the cross, in pairs of rows. */
const pairsOf = (m: number, n: number): number => (m * m) / 2 + (n * n) / 2 + m * n;

/** All subsets at once where the sets are small enough for subsets to share many pairs of rows, else one by one. */
async function discrepancies(
  sets: readonly [FeatureMatrix, FeatureMatrix],
  pairs: readonly SubsetPair[],
  options: KernelSumOptions,
): Promise<Float64Array> {
  const apart = pairs.reduce((sum, { rows1, rows2 }) => sum + pairsOf(rows1.length, rows2.length), 0);
  if (pairsOf(sets[0].rows, sets[1].rows) <= apart) return subsetDiscrepancies(sets, pairs, options);
  const result = new Float64Array(pairs.length);
  for (const [i, { rows1, rows2 }] of pairs.entries()) {
    const taken = [takeRows(sets[0], rows1), takeRows(sets[1], rows2)] as const;
    const whole = [{ rows1: everyRow(rows1), rows2: everyRow(rows2) }];
    result.set(await subsetDiscrepancies(taken, whole, options), i);
  }
  return result;
}

const everyRow = ({ length }: ArrayLike<number>): Int32Array => Int32Array.from({ length }, (_, i) => i);

function* drawSubsets(
  counts: readonly [number, number],
  options: { subsets: number; subsetSize: number; seed: number },
): Generator<SubsetPair> {
  const { subsets, subsetSize, seed } = options;
  const most = Math.min(...counts);
  if (!Number.isInteger(subsetSize) || subsetSize < 2 || subsetSize > most) {
    throw new LascauxError({
      operation: 'kernelInceptionDistance',
      rule: `subsetSize must be an integer from 2 to ${most}`,
      value: subsetSize,
    });
  }
  if (!Number.isInteger(subsets) || subsets < 1) {
    throw new LascauxError({
      operation: 'kernelInceptionDistance',
      rule: 'subsets must be a positive integer',
      value: subsets,
    });
  }
  const random = numpyRandomState(seed);
  for (let i = 0; i < subsets; i++) {
    const rows1 = random.permutation(counts[0]).subarray(0, subsetSize);
    yield { rows1, rows2: random.permutation(counts[1]).subarray(0, subsetSize) };
  }
}

/** Mean and population standard deviation. */
export function meanAndDeviation(values: Float64Array): { mean: number; standardDeviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, standardDeviation: Math.sqrt(variance) };
}
