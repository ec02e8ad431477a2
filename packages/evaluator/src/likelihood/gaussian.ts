import { LascauxError } from '@lascaux/nn';
import { choleskyDefinite, logDeterminant, solveLower, squaredLength } from '../linear-algebra/cholesky-definite.js';

/** A multivariate normal distribution; the covariance is row-major. */
export interface Gaussian {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

const LOG_2PI = Math.log(2 * Math.PI);

/** The standard normal distribution in so many dimensions. */
export function standardGaussian(dimensions: number): Gaussian {
  const covariance = new Float64Array(dimensions * dimensions);
  for (let i = 0; i < dimensions; i++) covariance[i * dimensions + i] = 1;
  return { mean: new Float64Array(dimensions), covariance };
}

/** KL(N(μ₁, σ₁²) ‖ N(μ₂, σ₂²)) in nats. @throws LascauxError when a deviation is not positive. */
export function scalarGaussianKl(
  q: { mean: number; deviation: number },
  p: { mean: number; deviation: number },
): number {
  for (const { deviation } of [q, p]) {
    if (!(deviation > 0))
      throw new LascauxError({ operation: 'scalarGaussianKl', rule: 'deviations must be positive', value: deviation });
  }
  const ratio = q.deviation / p.deviation;
  const distance = (q.mean - p.mean) / p.deviation;
  return 0.5 * (ratio * ratio + distance * distance - 1) - Math.log(ratio);
}

/**
 * KL(q ‖ p) in nats of two normal distributions with full covariances,
 * ½(tr Σ_p⁻¹Σ_q + (μ_q−μ_p)ᵀ Σ_p⁻¹ (μ_q−μ_p) − d + ln det Σ_p / det Σ_q).
 *
 * @throws LascauxError when the dimensions differ or a covariance is not positive definite.
 */
export function gaussianKl(q: Gaussian, p: Gaussian): number {
  const d = requireGaussian('gaussianKl', q);
  if (requireGaussian('gaussianKl', p) !== d)
    throw new LascauxError({
      operation: 'gaussianKl',
      rule: `dimensions must be equal, got ${d} and ${p.mean.length}`,
    });
  const [lq, lp] = [choleskyDefinite(q.covariance, d), choleskyDefinite(p.covariance, d)];
  let trace = 0;
  for (let j = 0; j < d; j++) {
    const column = Float64Array.from({ length: d }, (_, i) => lq[i * d + j] ?? 0);
    trace += squaredLength(solveLower(lp, column));
  }
  const distance = squaredLength(
    solveLower(
      lp,
      q.mean.map((value, i) => value - (p.mean[i] ?? 0)),
    ),
  );
  return 0.5 * (trace + distance - d + logDeterminant(lp, d) - logDeterminant(lq, d));
}

/** ln N(x; μ, Σ) in nats. @throws LascauxError when the dimensions differ or Σ is not positive definite. */
export function gaussianLogDensity({ mean, covariance }: Gaussian, x: ArrayLike<number>): number {
  const d = requireGaussian('gaussianLogDensity', { mean, covariance });
  if (x.length !== d)
    throw new LascauxError({ operation: 'gaussianLogDensity', rule: `x must have ${d} values`, value: x.length });
  const l = choleskyDefinite(covariance, d);
  const distance = squaredLength(
    solveLower(
      l,
      mean.map((value, i) => (x[i] ?? 0) - value),
    ),
  );
  return -0.5 * (d * LOG_2PI + logDeterminant(l, d) + distance);
}

/** The number of dimensions. @throws LascauxError when the covariance does not fit the mean. */
export function requireGaussian(operation: string, { mean, covariance }: Gaussian): number {
  const d = mean.length;
  if (d === 0 || covariance.length !== d * d) {
    throw new LascauxError({
      operation: operation,
      rule: `${d} means need ${d}×${d} covariances, got ${covariance.length} values`,
    });
  }
  return d;
}
