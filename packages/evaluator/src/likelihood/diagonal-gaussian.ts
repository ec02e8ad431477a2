import { LascauxError } from '@lascaux/nn';
/** Bounds of log-variances, those of diffusers' `DiagonalGaussianDistribution`. */
const LOG_VARIANCE_RANGE = [-30, 20] as const;

/**
 * Encoder outputs: for each of `count` items first all mean values, then as many log-variances (channels first, so a
 * tensor [count, 2·channels, height, width] is one); log-variances are clamped to [−30, 20].
 */
export interface DiagonalGaussians {
  readonly parameters: Float32Array | Float64Array;
  readonly count: number;
}

/**
 * KL(q ‖ p) in nats, summed over each item; p is the standard normal when not given.
 *
 * @throws LascauxError when the parameters do not split into `count` pairs of halves, or p differs in shape.
 */
export function diagonalGaussianKl(q: DiagonalGaussians, p?: DiagonalGaussians): Float64Array {
  const half = halfLength('diagonalGaussianKl', q);
  if (p && (p.count !== q.count || p.parameters.length !== q.parameters.length)) {
    throw new LascauxError({
      operation: 'diagonalGaussianKl',
      rule: `both must have one shape, got ${q.count} items of ${q.parameters.length} values and ${p.count} of ${p.parameters.length}`,
    });
  }
  return sumItems(q.count, half, (item, i) => {
    const [mean, logVariance] = parametersAt(q, half, [item, i]);
    const [priorMean, priorLogVariance] = p ? parametersAt(p, half, [item, i]) : [0, 0];
    const difference = mean - priorMean;
    const logRatio = logVariance - priorLogVariance;
    return 0.5 * (difference * difference * Math.exp(-priorLogVariance) + Math.exp(logRatio) - 1 - logRatio);
  });
}

/** −ln q(x) in nats, summed over each item. @throws LascauxError when x does not have half as many values as q. */
export function diagonalGaussianNegativeLogDensity(q: DiagonalGaussians, x: ArrayLike<number>): Float64Array {
  const half = halfLength('diagonalGaussianNegativeLogDensity', q);
  if (x.length !== half * q.count) {
    throw new LascauxError({
      operation: 'diagonalGaussianNegativeLogDensity',
      rule: `x must have ${half * q.count} values`,
      value: x.length,
    });
  }
  return sumItems(q.count, half, (item, i) => {
    const [mean, logVariance] = parametersAt(q, half, [item, i]);
    const difference = (x[item * half + i] ?? 0) - mean;
    return 0.5 * (Math.log(2 * Math.PI) + logVariance + difference * difference * Math.exp(-logVariance));
  });
}

function halfLength(operation: string, { parameters, count }: DiagonalGaussians): number {
  const half = parameters.length / count / 2;
  if (!(count >= 1) || !Number.isInteger(half)) {
    throw new LascauxError({
      operation: operation,
      rule: `${count} items need means and as many log-variances each, got ${parameters.length} values`,
    });
  }
  return half;
}

function parametersAt(
  { parameters }: DiagonalGaussians,
  half: number,
  [item, i]: readonly [number, number],
): [number, number] {
  const at = 2 * half * item + i;
  const [lowest, highest] = LOG_VARIANCE_RANGE;
  return [parameters[at] ?? 0, Math.min(Math.max(parameters[at + half] ?? 0, lowest), highest)];
}

function sumItems(count: number, length: number, term: (item: number, i: number) => number): Float64Array {
  return Float64Array.from({ length: count }, (_, item) => {
    let sum = 0;
    for (let i = 0; i < length; i++) sum += term(item, i);
    return sum;
  });
}
