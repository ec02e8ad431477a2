import { featureMatrix, type FeatureMatrix } from './feature-matrix.js';

/**
 * Rows x moved by a point m, in the precision that they came in: x·y = x′·y′ + m·x′ + m·y′ + m·m, of which only the first, small part is
 * left to a product of matrices.
 */
export interface CentredRows {
  /** x′. */
  readonly moved: FeatureMatrix;
  /** m·x′ of each row, in float64. */
  readonly offsets: Float64Array;
  /** m·m. */
  readonly square: number;
}

/** The precision of products of both: single when both came so. */
export const productType = (first: FeatureMatrix, second: FeatureMatrix): 'float32' | 'float64' =>
  first.data instanceof Float32Array && second.data instanceof Float32Array ? 'float32' : 'float64';

/** Both sets, moved by the mean of the first, in the precision of {@link productType}. */
export function centredPair(first: FeatureMatrix, second: FeatureMatrix): [CentredRows, CentredRows] {
  const isSingle = productType(first, second) === 'float32';
  const point = meanRow(first);
  return [moved(first, point, isSingle), moved(second, point, isSingle)];
}

function moved({ data, rows, columns }: FeatureMatrix, point: Float64Array, isSingle: boolean): CentredRows {
  const centred = isSingle ? new Float32Array(data.length) : new Float64Array(data.length);
  const offsets = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let c = 0; c < columns; c++) {
      const at = i * columns + c;
      centred[at] = data[at]! - point[c]!;
      sum += centred[at] * point[c]!;
    }
    offsets[i] = sum;
  }
  const square = point.reduce((sum, value) => sum + value * value, 0);
  return { moved: featureMatrix(centred, columns), offsets, square };
}

/** Mean of the rows, in float64. */
function meanRow({ data, rows, columns }: FeatureMatrix): Float64Array {
  const mean = new Float64Array(columns);
  for (let i = 0; i < data.length; i += columns)
    for (let c = 0; c < columns; c++) mean[c] = mean[c]! + data[i + c]! / rows;
  return mean;
}
