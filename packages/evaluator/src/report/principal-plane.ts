import { featureMatrix, requirePair, type FeatureMatrix } from '../feature-matrix.js';
import { centre } from '../moments.js';

/** Places of the rows of two sets in one plane. */
export interface PrincipalPlane {
  readonly first: PlaneRows;
  readonly second: PlaneRows;
  /** Share of the pooled variance along each of the two directions. */
  readonly shares: readonly [number, number];
}

/** Coordinates of each row. */
export interface PlaneRows {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

const ITERATIONS = 60;

/** Both sets in the plane of the two directions in which their union spreads most, by power iteration. @throws LascauxError when a set is empty or the columns differ */
export function principalPlane(first: FeatureMatrix, second: FeatureMatrix): PrincipalPlane {
  requirePair('principal plane', [first, second], 1);
  const { columns } = first;
  const pooled = new Float64Array(first.data.length + second.data.length);
  pooled.set(first.data);
  pooled.set(second.data, first.data.length);
  const { data } = centre(featureMatrix(pooled, columns));
  const total = data.reduce((sum, value) => sum + value * value, 0);
  const along = strongest(data, columns, []);
  const across = strongest(data, columns, [along]);
  const [x, y] = [project(data, along), project(data, across)];
  const rowsOf = (start: number, stop: number): PlaneRows => ({
    x: Array.from(x.subarray(start, stop)),
    y: Array.from(y.subarray(start, stop)),
  });
  const share = (values: Float64Array): number => (total === 0 ? 0 : squares(values) / total);
  const rows = first.rows + second.rows;
  return { first: rowsOf(0, first.rows), second: rowsOf(first.rows, rows), shares: [share(x), share(y)] };
}

/** The unit direction, at right angles to the given ones, along which the rows spread most. */
function strongest(data: Float64Array, columns: number, without: readonly Float64Array[]): Float64Array {
  let direction = unit(Float64Array.from({ length: columns }, (_, j) => 1 + ((j * 7919) % 101) / 101));
  for (let i = 0; i < ITERATIONS; i++) {
    const next = new Float64Array(columns);
    const projected = project(data, direction);
    for (let row = 0; row < projected.length; row++) {
      for (let j = 0; j < columns; j++) next[j]! += projected[row]! * data[row * columns + j]!;
    }
    for (const other of without) {
      const overlap = other.reduce((sum, value, j) => sum + value * next[j]!, 0);
      for (let j = 0; j < columns; j++) next[j]! -= overlap * other[j]!;
    }
    if (squares(next) === 0) return direction;
    direction = unit(next);
  }
  return direction;
}

function project(data: Float64Array, direction: Float64Array): Float64Array {
  const columns = direction.length;
  const found = new Float64Array(data.length / columns);
  for (let row = 0; row < found.length; row++) {
    for (let j = 0; j < columns; j++) found[row]! += data[row * columns + j]! * direction[j]!;
  }
  return found;
}

const squares = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);

function unit(values: Float64Array): Float64Array {
  const length = Math.sqrt(squares(values));
  return values.map((value) => value / length);
}
