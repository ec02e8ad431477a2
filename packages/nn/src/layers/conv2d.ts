import * as ops from '../program/ops.js';
import type { Padding } from '../program/primitives.js';
import type { Initializer, Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import { fanInUniform, zeros } from './initializers.js';
import { knownSize } from './known-size.js';

/** Options of `conv2d`. */
export interface Conv2dOptions {
  /** Channels of the result. */
  readonly out: number;
  /** Rows and columns of the filter. */
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /** Cells of zeros, on all sides or [top, left, bottom, right]; default (kernel − 1) / 2 rounded down: "same" at stride 1. */
  readonly padding?: number | Padding;
  /** Default true. */
  readonly bias?: boolean;
  /** Of the weight; default ±1/√(channels·kernel²) as in PyTorch. The bias starts at 0. */
  readonly initializer?: Initializer;
}

/**
 * Two-dimensional convolution [N, C, H, W] → [N, out, H′, W′]; parameters `weight` [out, C, kernel, kernel] and `bias` [out]
 * (torch.nn.Conv2d).
 * @throws {LascauxError} when the channels have no known size
 */
export function conv2d(scope: Scope, x: Value, options: Conv2dOptions): Value {
  const { out, kernel, stride = 1, padding = Math.floor((kernel - 1) / 2), bias = true, initializer } = options;
  const channels = knownSize('conv2d', x, 1);
  const filter = scope.parameter(
    'weight',
    [out, channels, kernel, kernel],
    initializer ?? fanInUniform(channels * kernel * kernel),
  );
  return ops.conv2d(x, filter, {
    stride,
    padding: typeof padding === 'number' ? ops.evenPadding(padding) : padding,
    ...(bias ? { bias: scope.parameter('bias', [out], zeros) } : {}),
  });
}
