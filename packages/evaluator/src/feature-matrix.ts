import { LascauxError } from '@lascaux/nn';
/** One row of features for each image: row-major, `rows`×`columns`. */
export interface FeatureMatrix {
  readonly data: Float32Array | Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Names a flat row-major array a feature matrix.
 *
 * @throws LascauxError when the length is not a multiple of `columns`.
 */
export function featureMatrix(data: Float32Array | Float64Array, columns: number): FeatureMatrix {
  if (!Number.isInteger(columns) || columns < 1)
    throw new LascauxError({ operation: 'featureMatrix', rule: 'columns must be a positive integer', value: columns });
  if (data.length % columns !== 0) {
    throw new LascauxError({
      operation: 'featureMatrix',
      rule: `length must be a multiple of ${columns} columns`,
      value: data.length,
    });
  }
  return { data, rows: data.length / columns, columns };
}

/** A feature matrix from rows of numbers. @throws LascauxError when the rows differ in length or there is none. */
export function featureMatrixFromRows(rows: readonly ArrayLike<number>[]): FeatureMatrix {
  const columns = rows[0]?.length ?? 0;
  if (columns === 0)
    throw new LascauxError({
      operation: 'featureMatrixFromRows',
      rule: `at least one row with one column is needed, got ${rows.length} rows`,
    });
  const data = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => {
    if (row.length !== columns)
      throw new LascauxError({
        operation: 'featureMatrixFromRows',
        rule: `row ${i} must have ${columns} columns`,
        value: row.length,
      });
    data.set(row, i * columns);
  });
  return { data, rows: rows.length, columns };
}

/** Rows `start` (inclusive) to `stop` (exclusive), sharing memory. */
export function sliceRows({ data, columns }: FeatureMatrix, start: number, stop: number): FeatureMatrix {
  return featureMatrix(data.subarray(start * columns, stop * columns), columns);
}

/** The named rows, copied in their precision, in the given order. */
export function takeRows({ data, columns }: FeatureMatrix, indices: ArrayLike<number>): FeatureMatrix {
  const length = indices.length * columns;
  const taken = data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  for (let i = 0; i < indices.length; i++) {
    const start = (indices[i] ?? 0) * columns;
    taken.set(data.subarray(start, start + columns), i * columns);
  }
  return { data: taken, rows: indices.length, columns };
}

/**
 * Checks what every metric needs of a matrix: enough rows and finite values.
 *
 * @throws LascauxError naming the operation and, for NaN or infinity, the row, so that its image can be named.
 */
export function requireFeatures(operation: string, matrix: FeatureMatrix, minimumRows = 1): void {
  const { data, rows, columns } = matrix;
  if (rows < minimumRows)
    throw new LascauxError({ operation: operation, rule: `at least ${minimumRows} rows are needed`, value: rows });
  if (data.length !== rows * columns) {
    throw new LascauxError({
      operation: operation,
      rule: `data must hold ${rows}×${columns} values`,
      value: data.length,
    });
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new LascauxError({
      operation: operation,
      rule: `features must be finite, got ${data[bad]} in row ${Math.floor(bad / columns)}`,
    });
}

/** Checks a pair of matrices, which must have as many columns. @throws LascauxError. */
export function requirePair(operation: string, pair: readonly [FeatureMatrix, FeatureMatrix], minimumRows = 1): void {
  const [first, second] = pair;
  requireFeatures(operation, first, minimumRows);
  requireFeatures(operation, second, minimumRows);
  if (first.columns !== second.columns) {
    throw new LascauxError({
      operation: operation,
      rule: `both sets must have as many columns, got ${first.columns} and ${second.columns}`,
    });
  }
}
