import type { FeatureMatrix } from './feature-matrix.js';

/** Rows scaled to length one, in float64. @throws RangeError naming a row of zeros. */
export function unitRows(operation: string, { data, rows, columns }: FeatureMatrix): FeatureMatrix {
  const unit = Float64Array.from(data);
  for (let i = 0; i < rows; i++) {
    const row = unit.subarray(i * columns, (i + 1) * columns);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (length === 0) throw new RangeError(`${operation}: a row of zeros has no direction, got one at row ${i}`);
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
