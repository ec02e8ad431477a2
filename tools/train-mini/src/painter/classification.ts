import type { Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';

const { add, argmax, div, logSumExp, max, mean, mul, oneHot, relu, reshape, square, sub, sum } = ops;

/** The mean of what rows [N] or [N, 1] give, by weights [N] where they have them. */
function weightedMean(each: Value, weights: Value | undefined): Value {
  if (weights === undefined) return mean(each);
  return div(sum(mul(reshape(each, weights.shape), weights)), add(sum(weights), 1e-6));
}

/** −log softmax(logits) [N, K] at the labels [N] (int64), averaged over the batch, by weights [N] where rows have them. */
export function crossEntropy(logits: Value, labels: Value, weights?: Value): Value {
  const chosen = oneHot(labels, logits.shape[1] as number);
  return weightedMean(sub(logSumExp(logits), sum(mul(logits, chosen), [-1])), weights);
}

/** The share of rows whose largest logit [N, K] is that of the label [N] (int64); rows of weight 0 must have a label that is never said. */
export function accuracy(logits: Value, labels: Value, weights?: Value): Value {
  const [rows, depth] = logits.shape as readonly [number, number];
  const right = sum(mul(oneHot(argmax(logits), depth), oneHot(labels, depth)));
  return weights === undefined ? mul(right, 1 / rows) : div(right, add(sum(weights), 1e-6));
}

/** The logit that the right answer of a memory is to have; every other is to have none above 0. */
export const ACTIVATION = 10;

/** How far below 0 the logits of wrong answers are to be. */
const MARGIN = 1;

/**
 * How far the units relu(logits) [N, K] of a memory are from the right one alone at `ACTIVATION`, with a margin M: Σ (relu(z + M) − (ACTIVATION + M)·onehot)²
 * / ACTIVATION², averaged as by `crossEntropy`. What a memory gives is the sum of all values, weighed by its units, so that the largest logit is not
 * enough.
 */
export function impurity(logits: Value, labels: Value, weights?: Value): Value {
  const wanted = mul(oneHot(labels, logits.shape[1] as number), ACTIVATION + MARGIN);
  const off = square(sub(relu(add(logits, MARGIN)), wanted));
  return weightedMean(mul(sum(off, [-1]), ACTIVATION ** -2), weights);
}

/** The share of all that a memory's units relu(logits) [N, K] give that is the right one's, averaged over the batch. */
export function purity(logits: Value, labels: Value): Value {
  const units = relu(logits);
  const own = sum(mul(units, oneHot(labels, logits.shape[1] as number)), [-1]);
  return mean(div(own, add(sum(units, [-1]), 1e-6)));
}

/** The largest logit of each run of `each` answers: [N, K·each and more] → [N, K]. */
export function largestOfEach(logits: Value, groups: number, each: number): Value {
  const rows = logits.shape[0] as number;
  const grouped = reshape(ops.slice(logits, { axis: 1, begin: 0, end: groups * each }), [rows, groups, each]);
  return reshape(max(grouped, 2), [rows, groups]);
}
