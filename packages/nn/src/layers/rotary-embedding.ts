import { check } from '../errors.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Dim } from '../program/shape.js';
import { knownSize } from './known-size.js';

/** Cosine and sine of the angle by which each pair of a head's channels is turned at each place: [1, T, 1, d/2, 1]. */
export interface Rotation {
  readonly cos: Value;
  readonly sin: Value;
}

/** Options of `rotationOf`. */
export interface RotationOptions {
  /** Channels of a head for each coordinate; even numbers. */
  readonly widths: readonly number[];
  /** Longest period over 2π; default 10000. */
  readonly maxPeriod?: number;
}

/**
 * The rotation at places with several coordinates: pair i of coordinate a's channels turns by place_a · maxPeriod^(−2i / width_a). Source: Su et
 * al. 2021 (RoFormer), eq. 15, one block of channels for each axis as in Flux.
 * @param places float32 [T, A]
 * @throws {LascauxError} when there are not as many widths as coordinates, or one is odd
 */
export function rotationOf(places: Value, { widths, maxPeriod = 10_000 }: RotationOptions): Rotation {
  const axes = knownSize('rotary embedding', places, 1);
  check(widths.length === axes && widths.every((width) => width % 2 === 0), {
    operation: 'rotary embedding',
    rule: `needs ${axes} even widths`,
    value: `[${widths.join(', ')}]`,
  });
  const rows = widths.map((_, axis) =>
    widths.flatMap((width, of) =>
      Array.from({ length: width / 2 }, (_, i) => (of === axis ? maxPeriod ** ((-2 * i) / width) : 0)),
    ),
  );
  const pairs = (rows[0] as number[]).length;
  const angles = ops.matmul(places, ops.constant(places, rows.flat(), { shape: [axes, pairs] })); // [T, d/2]
  const spread = (x: Value): Value => ops.reshape(x, [1, places.shape[0] as Dim, 1, pairs, 1]);
  return { cos: spread(ops.cos(angles)), sin: spread(ops.sin(angles)) };
}

/**
 * Turns each pair of neighbouring channels, (a, b) → (a·cos − b·sin, b·cos + a·sin): heads [N, T, heads, d] → the same shape.
 * @throws {LascauxError} when d is not twice the number of angles
 */
export function rotate(x: Value, { cos, sin }: Rotation): Value {
  const width = knownSize('rotary embedding', x, 3);
  const pairs = cos.shape[3] as number;
  check(width === 2 * pairs, {
    operation: 'rotary embedding',
    rule: `a head must have ${2 * pairs} channels`,
    value: width,
  });
  const [n, t, heads] = x.shape as readonly [Dim, Dim, Dim];
  const paired = ops.reshape(x, [n, t, heads, pairs, 2]);
  const [a, b] = ops.split(paired, { axis: 4, parts: 2 }) as readonly [Value, Value];
  const rotated = [ops.sub(ops.mul(a, cos), ops.mul(b, sin)), ops.add(ops.mul(b, cos), ops.mul(a, sin))];
  return ops.reshape(ops.concat(rotated, 4), [n, t, heads, width]);
}
