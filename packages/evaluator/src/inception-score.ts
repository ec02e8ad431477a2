import { LascauxError } from '@lascaux/nn';
import { requireFeatures, type FeatureMatrix } from './feature-matrix.js';
import { meanAndDeviation } from './kernel-inception-distance.js';
import { numpyRandomState } from './random-state.js';

/** Inception Score over splits. */
export interface InceptionScore {
  readonly mean: number;
  /** Over splits, divided by their number. */
  readonly standardDeviation: number;
  readonly perSplit: Float64Array;
}

/**
 * Inception Score (Salimans et al. 2016): exp of the mean KL(p(y|x) ‖ p(y)) in nats, split by split; split i takes the rows from
 * ⌊iN/s⌋ to ⌊(i+1)N/s⌋.
 *
 * @param scores one row a picture, one column a class.
 * @param options.input `logits` (default; softmax in float64) or `probabilities`.
 * @param options.splits default 10.
 * @param options.shuffleSeed shuffles rows first as torch-fidelity does with 2020; by default rows keep their order.
 * @throws LascauxError when there are more splits than rows, a value is not finite, or a row of probabilities does not sum to 1.
 */
export function inceptionScore(
  scores: FeatureMatrix,
  options: { input?: 'logits' | 'probabilities'; splits?: number; shuffleSeed?: number } = {},
): InceptionScore {
  const { input = 'logits', splits = 10, shuffleSeed } = options;
  requireFeatures('inceptionScore', scores);
  const { rows, columns } = scores;
  if (!Number.isInteger(splits) || splits < 1 || splits > rows) {
    throw new LascauxError({
      operation: 'inceptionScore',
      rule: `splits must be an integer from 1 to ${rows} rows`,
      value: splits,
    });
  }
  const probabilities = input === 'logits' ? softmaxRows(scores) : checkedProbabilities(scores);
  const order =
    shuffleSeed === undefined
      ? Int32Array.from({ length: rows }, (_, i) => i)
      : numpyRandomState(shuffleSeed).permutation(rows);
  const perSplit = Float64Array.from({ length: splits }, (_, i) => {
    const [start, stop] = [Math.floor((i * rows) / splits), Math.floor(((i + 1) * rows) / splits)];
    return splitScore(probabilities, order.subarray(start, stop), columns);
  });
  return { ...meanAndDeviation(perSplit), perSplit };
}

/** exp(mean over rows of Σ p ln p) / exp(Σ q ln q), with q the mean row. */
function splitScore(probabilities: Float64Array, rows: Int32Array, columns: number): number {
  const marginal = new Float64Array(columns);
  let negativeEntropy = 0;
  for (const row of rows) {
    for (let c = 0; c < columns; c++) {
      const p = probabilities[row * columns + c] ?? 0;
      marginal[c] = (marginal[c] ?? 0) + p / rows.length;
      negativeEntropy += xLogX(p);
    }
  }
  return Math.exp(negativeEntropy / rows.length - marginal.reduce((sum, q) => sum + xLogX(q), 0));
}

const xLogX = (x: number): number => (x > 0 ? x * Math.log(x) : 0);

function softmaxRows({ data, columns }: FeatureMatrix): Float64Array {
  const result = new Float64Array(data.length);
  for (let start = 0; start < data.length; start += columns) {
    let [largest, sum] = [-Infinity, 0];
    for (let c = 0; c < columns; c++) largest = Math.max(largest, data[start + c] ?? 0);
    for (let c = 0; c < columns; c++) sum += result[start + c] = Math.exp((data[start + c] ?? 0) - largest);
    for (let c = 0; c < columns; c++) result[start + c] = (result[start + c] ?? 0) / sum;
  }
  return result;
}

function checkedProbabilities({ data, rows, columns }: FeatureMatrix): Float64Array {
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let c = 0; c < columns; c++) {
      const p = data[i * columns + c] ?? 0;
      if (p < 0)
        throw new LascauxError({
          operation: 'inceptionScore',
          rule: `probabilities must not be negative, got ${p} in row ${i}`,
        });
      sum += p;
    }
    if (Math.abs(sum - 1) > 1e-4)
      throw new LascauxError({
        operation: 'inceptionScore',
        rule: `probabilities must sum to 1, got ${sum} in row ${i}`,
      });
  }
  return Float64Array.from(data);
}
