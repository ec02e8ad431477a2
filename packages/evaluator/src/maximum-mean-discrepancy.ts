import { requirePair, type FeatureMatrix } from './feature-matrix.js';
import { rowProducts } from './rows.js';

/** k(x, y) = (gamma·x·y + coefficient)^degree. */
export interface PolynomialKernel {
  /** Default 3. */
  readonly degree?: number;
  /** Default 1 / dimensions. */
  readonly gamma?: number;
  /** Default 1. */
  readonly coefficient?: number;
}

/**
 * Which estimate of MMD² (Gretton et al. 2012, section 2): `unbiased` leaves the diagonal out of the two within-set
 * means; `biased` is the full V-statistic; `u-statistic` leaves it out of the cross mean too, and needs equal sizes.
 */
export type MmdEstimator = 'unbiased' | 'biased' | 'u-statistic';

/**
 * Squared maximum mean discrepancy of two sets under a polynomial kernel; with the defaults, what KID averages.
 *
 * @throws RangeError with fewer than two rows a side, unequal columns, values that are not finite, or a `u-statistic` of
 *   unequal sizes.
 */
export function polynomialMmd2(
  features1: FeatureMatrix,
  features2: FeatureMatrix,
  options: { kernel?: PolynomialKernel; estimator?: MmdEstimator } = {},
): number {
  requirePair('polynomialMmd2', [features1, features2], 2);
  const { estimator = 'unbiased', kernel = {} } = options;
  const { degree = 3, gamma = 1 / features1.columns, coefficient = 1 } = kernel;
  if (estimator === 'u-statistic' && features1.rows !== features2.rows) {
    throw new RangeError(
      `polynomialMmd2: a u-statistic needs sets of one size, got ${features1.rows} and ${features2.rows}`,
    );
  }
  const sums = (a: FeatureMatrix, b: FeatureMatrix): KernelSums =>
    kernelSums(rowProducts(a, b), b.rows, (product) => (gamma * product + coefficient) ** degree);
  const leaveOut = estimator !== 'biased';
  return (
    kernelMean(sums(features1, features1), features1.rows, leaveOut) +
    kernelMean(sums(features2, features2), features2.rows, leaveOut) -
    2 * crossMean(sums(features1, features2), [features1.rows, features2.rows], estimator)
  );
}

interface KernelSums {
  readonly all: number;
  readonly diagonal: number;
}

function kernelSums(products: Float64Array, columns: number, kernel: (product: number) => number): KernelSums {
  let [all, diagonal] = [0, 0];
  for (let start = 0, i = 0; start < products.length; start += columns, i++) {
    let row = 0;
    for (let j = 0; j < columns; j++) {
      const value = kernel(products[start + j] ?? 0);
      row += value;
      if (i === j) diagonal += value;
    }
    all += row;
  }
  return { all, diagonal };
}

function kernelMean({ all, diagonal }: KernelSums, rows: number, leaveOut: boolean): number {
  return leaveOut ? (all - diagonal) / (rows * (rows - 1)) : all / (rows * rows);
}

function crossMean(sums: KernelSums, [rows, columns]: readonly [number, number], estimator: MmdEstimator): number {
  return estimator === 'u-statistic' ? kernelMean(sums, rows, true) : sums.all / (rows * columns);
}
