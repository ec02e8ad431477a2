import { knownSize, linear, zeros } from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { Dim } from '../program/shape.js';

/** `count` vectors [N or 1, 1, C], cut out of [N or 1, count·C]. */
export function modulationParts(x: Value, count: number): readonly Value[] {
  const width = knownSize('modulation', x, 1) / count;
  return ops.split(ops.reshape(x, [x.shape[0] as Dim, count, width]), { axis: 1, parts: count });
}

/**
 * `count` vectors [N or 1, 1, C] that a block makes of the conditioning [N or 1, D], through a silu and its layer `linear`, which starts at zero
 * (adaLN-Zero). Source: Peebles & Xie 2023, section 3.2.
 */
export function conditionParts(
  scope: Scope,
  condition: Value,
  { count, width }: { count: number; width: number },
): readonly Value[] {
  const modulation = linear(scope.at('linear'), ops.silu(condition), { out: count * width, initializer: zeros });
  return modulationParts(modulation, count);
}

/** Layer norm without parameters, then x·(1 + scale) + shift with vectors [N or 1, 1, C]. Source: Perez et al. 2018; Peebles & Xie 2023. */
export const modulatedNorm = (
  x: Value,
  { shift, scale, epsilon }: { shift: Value; scale: Value; epsilon: number },
): Value => ops.add(ops.mul(ops.standardize(x, epsilon), ops.add(scale, 1)), shift);

const CONTINUOUS_EPSILON = 1e-6;

/** A norm that only shifts and scales by the conditioning, in diffusers' order, scale first: [N, T, C] → [N, T, C] (diffusers' AdaLayerNormContinuous). */
export function conditionedNorm(scope: Scope, x: Value, condition: Value): Value {
  const width = knownSize('modulation', x, 2);
  const [scale, shift] = conditionParts(scope, condition, { count: 2, width }) as readonly [Value, Value];
  return modulatedNorm(x, { shift, scale, epsilon: CONTINUOUS_EPSILON });
}
