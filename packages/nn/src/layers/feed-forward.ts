import * as ops from '../program/ops.js';
import type { Initializer, Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { ActivationName } from './activation.js';
import { activation } from './activation.js';
import { knownSize } from './known-size.js';
import { linear, splitLinear } from './linear.js';

/** Options of `feedForward`. */
export interface FeedForwardOptions {
  /** `geglu` (half of the first layer gates the other half through a gelu; Shazeer 2020) or a plain activation. */
  readonly kind: 'geglu' | ActivationName;
  /** Width of the middle over the width of x; default 4. */
  readonly factor?: number;
  /** Of the second layer's weight. */
  readonly outInitializer?: Initializer;
}

/** Two layers with diffusers' names `net.0.proj` and `net.2`: [..., C] → [..., C]. */
export function feedForward(scope: Scope, x: Value, { kind, factor = 4, outInitializer }: FeedForwardOptions): Value {
  const width = knownSize('feedForward', x, -1);
  const inner = middle(scope.at('net', 0, 'proj'), x, { kind, out: width * factor });
  return linear(scope.at('net', 2), inner, { out: width, initializer: outInitializer });
}

function middle(
  scope: Scope,
  x: Value,
  { kind, out }: { readonly kind: FeedForwardOptions['kind']; readonly out: number },
): Value {
  if (kind !== 'geglu') return activation(kind, linear(scope, x, { out }));
  const [value, gate] = splitLinear(scope, x, { out, parts: 2 }) as readonly [Value, Value];
  return ops.mul(value, ops.gelu(gate));
}
