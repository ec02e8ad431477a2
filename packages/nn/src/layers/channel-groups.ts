import { check } from '../errors.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Dim } from '../program/shape.js';
import { knownSize } from './known-size.js';

/** How many times `larger` channels hold `smaller` ones. @throws {LascauxError} when that is no whole number */
function timesOf(operation: string, larger: number, smaller: number): number {
  check(larger % smaller === 0, { operation, rule: `channels must be a multiple of ${smaller}`, value: larger });
  return larger / smaller;
}

/**
 * Means of runs of neighbouring channels: [N, C, H, W] → [N, out, H, W] (the shortcut of DC-AE's downsampling).
 * @throws {LascauxError} when `out` does not divide the channels
 */
export function groupMean(x: Value, out: number): Value {
  const channels = knownSize('groupMean', x, 1);
  const run = timesOf('groupMean', channels, out);
  if (run === 1) return x;
  const [n, , h, w] = x.shape as readonly [Dim, Dim, Dim, Dim];
  return ops.reshape(ops.mean(ops.reshape(x, [n, out, run, h, w]), [2]), [n, out, h, w]);
}

/**
 * Each channel several times in a row: [N, C, H, W] → [N, out, H, W] (the shortcut of DC-AE's upsampling; torch.repeat_interleave).
 * @throws {LascauxError} when the channels do not divide `out`
 */
export function repeatChannels(x: Value, out: number): Value {
  const channels = knownSize('repeatChannels', x, 1);
  const times = timesOf('repeatChannels', out, channels);
  if (times === 1) return x;
  const [n, , h, w] = x.shape as readonly [Dim, Dim, Dim, Dim];
  return ops.reshape(ops.broadcast(ops.reshape(x, [n, channels, 1, h, w]), [n, channels, times, h, w]), [n, out, h, w]);
}
