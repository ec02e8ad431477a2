import { normal } from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';

/** A table of position embeddings [1, side², width]. */
export interface PositionTable {
  /** Rows and columns of the table. */
  readonly side: number;
  /** Length of an entry. */
  readonly width: number;
}

/** 0 … side − 1 along one axis of a map [1, 1, side, side]. */
function axisIndices(like: Value, side: number, axis: 2 | 3): Value {
  const shape = [1, 1, 1, 1].map((size, i) => (i === axis ? side : size));
  const line = ops.constant(
    like,
    Array.from({ length: side }, (_, i) => i),
    { shape },
  );
  return ops.broadcast(line, [1, 1, side, side]);
}

/** Rows (axis 2) or columns (axis 3) of the h × w cells in the middle of the table, as float32 whole numbers [1, 1, h, w]. */
function centredIndices(map: Value, side: number, axis: 2 | 3): Value {
  const indices = ops.cropLike(axisIndices(map, side, axis), map); // 0 … h − 1
  const count = ops.add(ops.max(indices, axis), 1);
  // A cast to whole numbers rounds down.
  const offset = ops.cast(ops.cast(ops.mul(ops.sub(side, count), 0.5), 'int64'), 'float32');
  return ops.add(indices, offset);
}

/**
 * The middle of a table of positions, as large as a map [N, C, h, w], whose sides may be known only when the program runs: [1, h·w, width], row by row.
 * The table is the parameter `pos_embed` [1, side², width]. Source: Esser et al. 2024, section 5.3.2; both remainders are rounded down as in diffusers.
 */
export function croppedPositions(scope: Scope, map: Value, { side, width }: PositionTable): Value {
  const table = scope.parameter('pos_embed', [1, side * side, width], normal(0.02));
  const rows = ops.mul(centredIndices(map, side, 2), side);
  const indices = ops.cast(ops.add(rows, centredIndices(map, side, 3)), 'int64'); // [1, 1, h, w]
  return ops.gather(ops.reshape(table, [side * side, width]), ops.reshape(indices, [1, -1]));
}
