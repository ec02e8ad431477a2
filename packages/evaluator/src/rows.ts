import { LascauxError } from '@lascaux/nn';
import { featureMatrix, type FeatureMatrix } from './feature-matrix.js';
import { multiplyAdd, rowMajor, transposed } from './linear-algebra/multiply.js';

/** Rows scaled to length one, in float64. @throws LascauxError naming a row of zeros. */
export function unitRows(operation: string, { data, rows, columns }: FeatureMatrix): FeatureMatrix {
  const unit = Float64Array.from(data);
  for (let i = 0; i < rows; i++) {
    const row = unit.subarray(i * columns, (i + 1) * columns);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (length === 0)
      throw new LascauxError({ operation: operation, rule: `a row of zeros has no direction, got one at row ${i}` });
    for (let j = 0; j < columns; j++) row[j] = (row[j] ?? 0) / length;
  }
  return { data: unit, rows, columns };
}

/** Scalar product of row i of one matrix and row j of the other. */
export function dot(a: FeatureMatrix, i: number, [b, j]: readonly [FeatureMatrix, number]): number {
  const { columns } = a;
  let sum = 0;
  for (let c = 0; c < columns; c++) sum += (a.data[i * columns + c] ?? 0) * (b.data[j * columns + c] ?? 0);
  return sum;
}

/**
 * Scalar products of all rows of two matrices in float64, row-major a.rows×b.rows; with `lower`, only what stands on and
 * below the diagonal is of use.
 */
export function rowProducts(a: FeatureMatrix, b: FeatureMatrix, options: { lower?: boolean } = {}): Float64Array {
  const products = new Float64Array(a.rows * b.rows);
  multiplyAdd({
    rows: a.rows,
    columns: b.rows,
    depth: a.columns,
    a: rowMajor(doubles(a), a.columns),
    b: transposed(rowMajor(doubles(b), b.columns)),
    c: rowMajor(products, b.rows),
    lower: options.lower,
  });
  return products;
}

/** Squared length of each row. */
export function squaredLengths(matrix: FeatureMatrix): Float64Array {
  return Float64Array.from({ length: matrix.rows }, (_, i) => dot(matrix, i, [matrix, i]));
}

/** Squared distances of all rows of two matrices, row-major a.rows×b.rows, as |a|² + |b|² − 2 a·b, not below zero. */
export function squaredDistances(a: FeatureMatrix, b: FeatureMatrix): Float64Array {
  const [lengthsA, lengthsB] = [squaredLengths(a), squaredLengths(b)];
  const result = rowProducts(a, b);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++) {
      const at = i * b.rows + j;
      result[at] = Math.max((lengthsA[i] ?? 0) + (lengthsB[j] ?? 0) - 2 * (result[at] ?? 0), 0);
    }
  }
  return result;
}

/** The matrix minus a point, in float64. */
export function translated({ data, columns }: FeatureMatrix, origin: ArrayLike<number>): FeatureMatrix {
  const moved = new Float64Array(data.length);
  for (let i = 0; i < moved.length; i++) moved[i] = (data[i] ?? 0) - (origin[i % columns] ?? 0);
  return featureMatrix(moved, columns);
}

function doubles({ data }: FeatureMatrix): Float64Array {
  return data instanceof Float64Array ? data : Float64Array.from(data);
}
