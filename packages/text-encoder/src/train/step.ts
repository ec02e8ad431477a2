import type { InputTypes, Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import type { CLIPTextConfig, CLIPVisionConfig } from '@lascaux/nn/networks';
import { clipTextWithProjection, clipVisionWithProjection } from '@lascaux/nn/networks';
import type { Optimizer, TrainingStep } from '@lascaux/training';
import { traceTrainingStep } from '@lascaux/training';

const { add, clamp, div, exp, logSumExp, matmul, mean, mul, reshape, sqrt, square, sub, sum, swapLast } = ops;

/** Options of `clipTrainingStep`. */
export interface ClipStepOptions {
  readonly text: CLIPTextConfig;
  readonly vision: CLIPVisionConfig;
  readonly batchSize: number;
  readonly optimizer: Optimizer;
  readonly clip: number;
}

/** log(1 / 0.07), where the temperature starts, and log 100, its bound (Radford et al. 2021, section 2.5). */
const FIRST_LOGIT_SCALE = Math.log(1 / 0.07);
const LARGEST_LOGIT_SCALE = Math.log(100);

/**
 * Inputs of a step: ids [B, T], pixels [B, 3, S, S] in [−1, 1], and `match` [B, B], each row of which spreads 1 over the pictures of the batch
 * whose caption is the same: equal captions are no negatives of each other.
 */
export function clipInputs({ text, vision, batchSize }: Pick<ClipStepOptions, 'text' | 'vision' | 'batchSize'>) {
  return {
    ids: { shape: [batchSize, text.max_position_embeddings], dtype: 'int64' },
    pixels: { shape: [batchSize, 3, vision.image_size, vision.image_size] },
    match: { shape: [batchSize, batchSize] },
  } satisfies InputTypes;
}

/** x / ‖x‖ over the last axis. */
const normalized = (x: Value): Value => div(x, sqrt(add(sum(square(x), [-1]), 1e-12)));

/** −Σ target · log softmax(logits), averaged over the rows. */
const crossEntropy = (logits: Value, target: Value): Value =>
  mean(sub(logSumExp(logits), sum(mul(logits, target), [-1])));

/** The symmetric contrastive loss over a batch of (picture, caption) pairs (Radford et al. 2021, figure 3). */
export function clipLoss(
  scope: Scope,
  { ids, pixels, match }: { readonly [Name in keyof ReturnType<typeof clipInputs>]: Value },
  { text, vision }: Pick<ClipStepOptions, 'text' | 'vision'>,
) {
  const texts = normalized(clipTextWithProjection(scope, text, ids).text_embeds);
  const images = normalized(clipVisionWithProjection(scope, vision, pixels).image_embeds);
  const scale = scope.parameter('logit_scale', [1], { kind: 'constant', value: FIRST_LOGIT_SCALE });
  const logits = mul(matmul(texts, swapLast(images)), exp(clamp(scale, 0, LARGEST_LOGIT_SCALE)));
  const loss = mul(add(crossEntropy(logits, match), crossEntropy(swapLast(logits), match)), 0.5);
  return { loss: reshape(loss, []), metrics: { logit_scale: scale } };
}

/** One optimisation step of the small CLIP as a program. */
export function clipTrainingStep(options: ClipStepOptions): TrainingStep {
  return traceTrainingStep({
    inputs: clipInputs(options),
    loss: (scope, inputs) => clipLoss(scope, inputs, options),
    optimizer: options.optimizer,
    clip: options.clip,
  });
}
