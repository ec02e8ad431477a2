import type { Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';

const { add, argmax, div, logSumExp, mean, mul, oneHot, reshape, sub, sum } = ops;

/** −log softmax(logits) [N, K] at the labels [N] (int64), averaged over the batch, by weights [N] where rows have them. */
export function crossEntropy(logits: Value, labels: Value, weights?: Value): Value {
  const chosen = oneHot(labels, logits.shape[1] as number);
  const each = sub(logSumExp(logits), sum(mul(logits, chosen), [-1]));
  if (weights === undefined) return mean(each);
  const flat = reshape(each, weights.shape);
  return div(sum(mul(flat, weights)), add(sum(weights), 1e-6));
}

/** The share of rows whose largest logit [N, K] is that of the label [N] (int64); rows of weight 0 must have a label that is never said. */
export function accuracy(logits: Value, labels: Value, weights?: Value): Value {
  const [rows, depth] = logits.shape as readonly [number, number];
  const right = sum(mul(oneHot(argmax(logits), depth), oneHot(labels, depth)));
  return weights === undefined ? mul(right, 1 / rows) : div(right, add(sum(weights), 1e-6));
}
