import * as ops from '../program/ops.js';
import type { Initializer, Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { Dim } from '../program/shape.js';
import type { ActivationName } from './activation.js';
import { activation } from './activation.js';
import { conv2d } from './conv2d.js';
import { linear } from './linear.js';
import { groupNorm } from './normalization.js';

/** Options of `resnetBlock`. */
export interface ResnetBlockOptions {
  /** Channels of the result. */
  readonly out: number;
  readonly groups: number;
  readonly epsilon: number;
  readonly activation: ActivationName;
  /** An embedding [N or 1, D] added between the two convolutions. */
  readonly timeEmbedding?: Value;
  /** Of `conv2.weight`; zeros make the block start as its shortcut. */
  readonly outInitializer?: Initializer;
}

/**
 * x + conv(act(norm(conv(act(norm(x))) + time))): [N, C, H, W] → [N, out, H, W], with a 1×1 `conv_shortcut` when the channels change
 * (diffusers' ResnetBlock2D: norm1, conv1, time_emb_proj, norm2, conv2).
 */
export function resnetBlock(scope: Scope, x: Value, options: ResnetBlockOptions): Value {
  const { out, groups, epsilon, timeEmbedding, outInitializer } = options;
  const prepared = (name: string, value: Value): Value =>
    activation(options.activation, groupNorm(scope.at(name), value, { groups, epsilon }));
  let hidden = conv2d(scope.at('conv1'), prepared('norm1', x), { out, kernel: 3 });
  if (timeEmbedding !== undefined) {
    const shift = linear(scope.at('time_emb_proj'), activation(options.activation, timeEmbedding), { out });
    hidden = ops.add(hidden, ops.reshape(shift, [shift.shape[0] as Dim, out, 1, 1]));
  }
  hidden = conv2d(scope.at('conv2'), prepared('norm2', hidden), { out, kernel: 3, initializer: outInitializer });
  const shortcut = x.shape[1] === out ? x : conv2d(scope.at('conv_shortcut'), x, { out, kernel: 1 });
  return ops.add(shortcut, hidden);
}
