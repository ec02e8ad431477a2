import type { Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';

const { add, argmax, div, logSumExp, matmul, mean, mul, oneHot, reshape, square, sub, sum, swapLast } = ops;

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

/** How much nearer one drawing's code must be than another's to be e times as likely: twice the inverse, in squared distance. */
const SHARPNESS = 0.05;

/**
 * Which drawing a code [N, CODE_LENGTH] is nearest to, as logits [N, drawings]: −s/2·‖code − drawing‖², less what is the same for all. The cross entropy
 * over all drawings is the contrastive loss of a locked image tower (Zhai et al. 2022, "LiT") with every negative there is.
 */
export const nearestDrawing = (code: Value, drawings: Value): Value =>
  mul(
    sub(
      matmul(code, swapLast(drawings)),
      reshape(mul(sum(square(drawings), [-1]), 0.5), [1, drawings.shape[0] as number]),
    ),
    SHARPNESS,
  );
