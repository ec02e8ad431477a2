import { check } from '../errors.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { Dim } from '../program/shape.js';
import { ones, zeros } from './initializers.js';
import { knownSize } from './known-size.js';

/** Options of `groupNorm`. */
export interface GroupNormOptions {
  readonly groups: number;
  /** Default 1e-5. */
  readonly epsilon?: number;
}

/**
 * Group normalisation of a feature map [N, C, H, W]: zero mean and unit variance within each of `groups` runs of channels, then
 * scale and shift per channel; parameters `weight` [C] and `bias` [C]. Source: Wu & He 2018, eq. 1–7.
 * @throws {LascauxError} when the groups do not divide the channels
 */
export function groupNorm(scope: Scope, x: Value, { groups, epsilon = 1e-5 }: GroupNormOptions): Value {
  const channels = knownSize('groupNorm', x, 1);
  check(channels % groups === 0, {
    operation: 'groupNorm',
    rule: `${groups} groups must divide the channels`,
    value: channels,
  });
  // [N, G, C/G·H·W]
  const grouped = ops.reshape(x, [x.shape[0] as Dim, groups, -1]);
  const standard = ops.reshape(ops.standardize(grouped, epsilon), x.shape);
  const perChannel = (value: Value): Value => ops.reshape(value, [1, channels, 1, 1]);
  const scaled = ops.mul(standard, perChannel(scope.parameter('weight', [channels], ones)));
  return ops.add(scaled, perChannel(scope.parameter('bias', [channels], zeros)));
}

/**
 * Layer normalisation over the last axis, parameters `weight` and `bias` of its size. Source: Ba et al. 2016, eq. 4.
 * @throws {LascauxError} when the last axis has no known size
 */
export function layerNorm(scope: Scope, x: Value, { epsilon = 1e-5 }: { readonly epsilon?: number } = {}): Value {
  const width = knownSize('layerNorm', x, -1);
  const scaled = ops.mul(ops.standardize(x, epsilon), scope.parameter('weight', [width], ones));
  return ops.add(scaled, scope.parameter('bias', [width], zeros));
}

/**
 * x / √(mean(x²) + ε) over the last axis, times the parameter `weight`; T5's layer norm. Source: Zhang & Sennrich 2019, eq. 4.
 * @throws {LascauxError} when the last axis has no known size
 */
export function rmsNorm(scope: Scope, x: Value, { epsilon = 1e-6 }: { readonly epsilon?: number } = {}): Value {
  const width = knownSize('rmsNorm', x, -1);
  const deviation = ops.sqrt(ops.add(ops.mean(ops.square(x), [-1]), epsilon));
  return ops.mul(ops.div(x, deviation), scope.parameter('weight', [width], ones));
}

/**
 * x / √(mean(x²) + ε) over the channels of a feature map [N, C, H, W], then scale and shift per channel; parameters `weight` [C] and
 * `bias` [C] (diffusers' RMSNorm with a bias, as AutoencoderDC applies it).
 * @throws {LascauxError} when the channels have no known size
 */
export function channelRmsNorm(scope: Scope, x: Value, { epsilon = 1e-6 }: { readonly epsilon?: number } = {}): Value {
  const channels = knownSize('channelRmsNorm', x, 1);
  const inverse = ops.div(1, ops.sqrt(ops.add(ops.mean(ops.square(x), [1]), epsilon)));
  const perChannel = (value: Value): Value => ops.reshape(value, [1, channels, 1, 1]);
  const scaled = ops.mul(ops.mul(x, inverse), perChannel(scope.parameter('weight', [channels], ones)));
  return ops.add(scaled, perChannel(scope.parameter('bias', [channels], zeros)));
}
