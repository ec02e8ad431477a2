import { LascauxError } from '@lascaux/nn';
import { requireFeatures, type FeatureMatrix } from './feature-matrix.js';

/** Index of the largest value of a row; the first one of equal values. */
export function argmax(row: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if ((row[i] ?? 0) > (row[best] ?? 0)) best = i;
  return best;
}

/** Top-k accuracy of a classifier. */
export interface Accuracy {
  /** Share of images with their label among the k highest scores. */
  readonly accuracy: number;
  /** The same, class by class; null for a class without images. */
  readonly perClass: readonly (number | null)[];
}

/**
 * Top-1 (or, with `k`, top-k) accuracy of classifier scores against labels. A label counts when fewer than k other
 * classes score at least as high, so a constant classifier scores zero.
 *
 * @param scores logits or probabilities, one row an image, one column a class.
 * @throws LascauxError when labels and rows differ in number, a label is no class, or a score is not finite.
 */
export function classificationAccuracy(
  scores: FeatureMatrix,
  labels: ArrayLike<number>,
  options: { k?: number } = {},
): Accuracy {
  const { k = 1 } = options;
  requireFeatures('classificationAccuracy', scores);
  const { data, rows, columns } = scores;
  if (labels.length !== rows)
    throw new LascauxError({
      operation: 'classificationAccuracy',
      rule: `each row needs a label, got ${rows} rows and ${labels.length} labels`,
    });
  const [hits, counts] = [new Float64Array(columns), new Float64Array(columns)];
  for (let i = 0; i < rows; i++) {
    const label = labels[i] ?? -1;
    if (!Number.isInteger(label) || label < 0 || label >= columns) {
      throw new LascauxError({
        operation: 'classificationAccuracy',
        rule: `labels must be integers from 0 to ${columns - 1}, got ${label} at row ${i}`,
      });
    }
    const score = data[i * columns + label] ?? 0;
    let rivals = 0;
    for (let c = 0; c < columns; c++) if (c !== label && (data[i * columns + c] ?? 0) >= score) rivals++;
    counts[label] = (counts[label] ?? 0) + 1;
    if (rivals < k) hits[label] = (hits[label] ?? 0) + 1;
  }
  const perClass = Array.from(hits, (hit, c) => ((counts[c] ?? 0) > 0 ? hit / (counts[c] ?? 1) : null));
  return { accuracy: hits.reduce((sum, hit) => sum + hit, 0) / rows, perClass };
}
