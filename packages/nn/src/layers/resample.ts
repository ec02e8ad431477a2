import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import { conv2d } from './conv2d.js';
import { knownSize } from './known-size.js';

/** Half the height and width by a strided 3×3 convolution `conv`; `padding` 0 pads below and on the right only, as diffusers' Downsample2D does. */
export function downsample(scope: Scope, x: Value, { padding = 1 }: { readonly padding?: number } = {}): Value {
  const out = knownSize('downsample', x, 1);
  return conv2d(scope.at('conv'), x, { out, kernel: 3, stride: 2, padding: padding === 0 ? [0, 0, 1, 1] : padding });
}

/** Twice the height and width by repetition, then a 3×3 convolution `conv` (diffusers' Upsample2D); `size` crops the repeated map. */
export function upsample(
  scope: Scope,
  x: Value,
  { size }: { readonly size?: readonly [height: number, width: number] } = {},
): Value {
  const repeated = ops.upsampleNearest(x, 2);
  return conv2d(scope.at('conv'), size === undefined ? repeated : crop(repeated, size), {
    out: knownSize('upsample', x, 1),
    kernel: 3,
  });
}

/** The upper left part of a feature map. For 2n → 2n − 1 this equals nearest-neighbour resizing of n to 2n − 1. */
function crop(x: Value, [height, width]: readonly [number, number]): Value {
  return ops.slice(ops.slice(x, { axis: 2, begin: 0, end: height }), { axis: 3, begin: 0, end: width });
}
