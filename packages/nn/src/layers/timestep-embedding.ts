import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { ActivationName } from './activation.js';
import { activation } from './activation.js';
import { linear } from './linear.js';

/** Options of `sinusoidalEmbedding`. */
export interface SinusoidalOptions {
  readonly width: number;
  /** Cosines first; default false. */
  readonly flipSinToCos?: boolean;
  /** δ in f_i = period^(−i / (half − δ)); default 1. */
  readonly frequencyShift?: number;
  /** Longest period over 2π; default 10000. */
  readonly maxPeriod?: number;
}

/**
 * Sinusoids of each number: [M] → [M, width], [sin(t·f), cos(t·f)] with f_i = maxPeriod^(−i / (half − δ)); an odd width gets a last
 * zero. Source: Ho et al. 2020 (after Vaswani et al. 2017, section 3.5); options as in diffusers' `get_timestep_embedding`.
 * @param t float32 [M]
 */
export function sinusoidalEmbedding(t: Value, options: SinusoidalOptions): Value {
  const { width, flipSinToCos = false, frequencyShift = 1, maxPeriod = 10_000 } = options;
  const half = Math.floor(width / 2);
  const frequencies = Array.from({ length: half }, (_, i) => maxPeriod ** (-i / (half - frequencyShift)));
  const phases = ops.mul(ops.reshape(t, [-1, 1]), ops.constant(t, frequencies, { shape: [1, half] })); // [M, half]
  const [sin, cos] = [ops.sin(phases), ops.cos(phases)];
  return ops.pad(ops.concat(flipSinToCos ? [cos, sin] : [sin, cos], 1), { axis: 1, before: 0, after: width % 2 });
}

/** Options of `timestepMlp`. */
export interface TimestepMlpOptions {
  readonly out: number;
  /** Default silu. */
  readonly activation?: ActivationName;
  /** A second input [M, D], added through `cond_proj` (guidance-distilled networks). */
  readonly condition?: Value;
}

/** Two linear layers `linear_1`, `linear_2` with an activation between: [M, in] → [M, out] (diffusers' TimestepEmbedding). */
export function timestepMlp(scope: Scope, x: Value, options: TimestepMlpOptions): Value {
  const { out, activation: name = 'silu', condition } = options;
  const width = x.shape[1] as number;
  const input =
    condition === undefined ? x : ops.add(x, linear(scope.at('cond_proj'), condition, { out: width, bias: false }));
  const hidden = activation(name, linear(scope.at('linear_1'), input, { out }));
  return linear(scope.at('linear_2'), hidden, { out });
}
