import { knownSize } from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Dim } from '../program/shape.js';

/** Two or six vectors [N or 1, 1, C], cut out of [N or 1, count·C]. */
export function modulationParts(x: Value, count: number): readonly Value[] {
  const width = knownSize('modulation', x, 1) / count;
  return ops.split(ops.reshape(x, [x.shape[0] as Dim, count, width]), { axis: 1, parts: count });
}

/** Layer norm without parameters, then x·(1 + scale) + shift with vectors [N or 1, 1, C]. Source: Perez et al. 2018; Peebles & Xie 2023. */
export const modulatedNorm = (
  x: Value,
  { shift, scale, epsilon }: { shift: Value; scale: Value; epsilon: number },
): Value => ops.add(ops.mul(ops.standardize(x, epsilon), ops.add(scale, 1)), shift);
