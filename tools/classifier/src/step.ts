import type { Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import type { Optimizer, TrainingStep } from '@lascaux/training';
import { traceTrainingStep } from '@lascaux/training';
import { classify, type ClassifierConfig } from './network.js';

/** Options of `classifierStep`. */
export interface ClassifierStepOptions {
  readonly config: ClassifierConfig;
  readonly batchSize: number;
  readonly optimizer: Optimizer;
}

/** One optimisation step over pixels [B, 3, S, S] and labels [B] by cross-entropy; reports the share of the batch that was right. */
export function classifierStep({ config, batchSize, optimizer }: ClassifierStepOptions): TrainingStep {
  const { sample_size: size, nouns } = config;
  return traceTrainingStep({
    inputs: {
      pixels: { shape: [batchSize, 3, size, size] },
      labels: { shape: [batchSize], dtype: 'int64' },
    },
    optimizer,
    clip: 1,
    loss: (scope, { pixels, labels }) => {
      const logits = classify(scope, config, pixels);
      const target = ops.oneHot(labels, nouns.length);
      return { loss: crossEntropy(logits, target), metrics: { accuracy: shareRight(logits, target) } };
    },
  });
}

/** −Σ target·log softmax(logits), averaged over the batch; both [B, K]. */
function crossEntropy(logits: Value, target: Value): Value {
  const own = ops.sum(ops.mul(logits, target), [-1]);
  return ops.mean(ops.sub(ops.logSumExp(logits), own));
}

function shareRight(logits: Value, target: Value): Value {
  const chosen = ops.oneHot(ops.argmax(ops.stopGradient(logits)), logits.shape[1] as number);
  return ops.mean(ops.sum(ops.mul(chosen, target), [-1]));
}
