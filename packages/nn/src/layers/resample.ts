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

/**
 * Twice the height and width by repetition, then a 3×3 convolution `conv` (diffusers' Upsample2D). The repeated map is cut to the height
 * and width of `like`: for 2n → 2n − 1 that equals nearest-neighbour resizing of n to 2n − 1.
 */
export function upsample(scope: Scope, x: Value, { like }: { readonly like?: Value } = {}): Value {
  const repeated = ops.upsampleNearest(x, 2);
  return conv2d(scope.at('conv'), like === undefined ? repeated : ops.cropLike(repeated, like), {
    out: knownSize('upsample', x, 1),
    kernel: 3,
  });
}
