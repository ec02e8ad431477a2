import { LascauxError } from '@lascaux/nn';
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

/** A kernel with nothing left open. */
export type ResolvedKernel = Readonly<Required<PolynomialKernel>>;

/** A kernel's defaults, for features of `dimensions` columns. */
export const resolvedKernel = (
  { degree = 3, gamma, coefficient = 1 }: PolynomialKernel,
  dimensions: number,
): ResolvedKernel => ({ degree, gamma: gamma ?? 1 / dimensions, coefficient });

/**
 * Which estimate of MMD² (Gretton et al. 2012, section 2): `unbiased` leaves the diagonal out of the two within-set
 * means; `biased` is the full V-statistic; `u-statistic` leaves it out of the cross mean too, and needs equal sizes.
 */
export type MmdEstimator = 'unbiased' | 'biased' | 'u-statistic';

/**
 * Squared maximum mean discrepancy of two sets under a polynomial kernel; with the defaults, what KID averages.
 *
 * @throws LascauxError with fewer than two rows a side, unequal columns, values that are not finite, or a `u-statistic` of
 *   unequal sizes.
 */
export function polynomialMmd2(
  features1: FeatureMatrix,
  features2: FeatureMatrix,
  options: { kernel?: PolynomialKernel; estimator?: MmdEstimator } = {},
): number {
  requirePair('polynomialMmd2', [features1, features2], 2);
  const { estimator = 'unbiased', kernel = {} } = options;
  const { degree, gamma, coefficient } = resolvedKernel(kernel, features1.columns);
  if (estimator === 'u-statistic' && features1.rows !== features2.rows) {
    throw new LascauxError({
      operation: 'polynomialMmd2',
      rule: `a u-statistic needs sets of one size, got ${features1.rows} and ${features2.rows}`,
    });
  }
  const power = powerOf(degree);
  const evaluate = (product: number): number => power(gamma * product + coefficient);
  const leaveOut = estimator !== 'biased';
  return (
    kernelMean(withinSums(features1, evaluate), features1.rows, leaveOut) +
    kernelMean(withinSums(features2, evaluate), features2.rows, leaveOut) -
    2 * crossMean(crossSums(features1, features2, evaluate), [features1.rows, features2.rows], estimator)
  );
}

/** x ↦ x^degree; the usual cube without the general power, which takes ten times as long. */
function powerOf(degree: number): (x: number) => number {
  return degree === 3 ? (x) => x * x * x : (x) => x ** degree;
}

interface KernelSums {
  readonly all: number;
  readonly diagonal: number;
}

/** Over all pairs of one set: the kernel is symmetric, so half of it is computed. */
function withinSums(set: FeatureMatrix, kernel: (product: number) => number): KernelSums {
  const products = rowProducts(set, set, { lower: true });
  let [below, diagonal] = [0, 0];
  for (let i = 0; i < set.rows; i++) {
    let row = 0;
    for (let j = 0; j < i; j++) row += kernel(products[i * set.rows + j] ?? 0);
    below += row;
    diagonal += kernel(products[i * set.rows + i] ?? 0);
  }
  return { all: 2 * below + diagonal, diagonal };
}

function crossSums(first: FeatureMatrix, second: FeatureMatrix, kernel: (product: number) => number): KernelSums {
  const products = rowProducts(first, second);
  let [all, diagonal] = [0, 0];
  for (let i = 0; i < first.rows; i++) {
    let row = 0;
    for (let j = 0; j < second.rows; j++) row += kernel(products[i * second.rows + j] ?? 0);
    all += row;
    if (i < second.rows) diagonal += kernel(products[i * second.rows + i] ?? 0);
  }
  return { all, diagonal };
}

function kernelMean({ all, diagonal }: KernelSums, rows: number, leaveOut: boolean): number {
  return leaveOut ? (all - diagonal) / (rows * (rows - 1)) : all / (rows * rows);
}

function crossMean(sums: KernelSums, [rows, columns]: readonly [number, number], estimator: MmdEstimator): number {
  return estimator === 'u-statistic' ? kernelMean(sums, rows, true) : sums.all / (rows * columns);
}
