import type { HeadOptions, Stream } from '../layers/index.js';
import { feedForward, jointAttention, knownSize, linear, streamAttention } from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import { conditionParts, conditionedNorm, modulatedNorm } from './modulation.js';

/** Options of `jointBlock`. */
export interface JointBlockOptions extends HeadOptions {
  /** What shifts, scales and gates both streams: [N, C]. */
  readonly condition: Value;
  /** Whether the picture also attends to itself alone (`attn2`, SD3.5 medium); default false. */
  readonly dual?: boolean;
  /** Whether the text ends here (diffusers' `context_pre_only`); default false. */
  readonly last?: boolean;
}

const EPSILON = 1e-6;

/** How one stream is normed before attention, and how what comes back is taken in. */
interface Modulated {
  readonly normed: Value;
  readonly gate: Value;
  readonly later: { readonly shift: Value; readonly scale: Value; readonly gate: Value };
  /** Of the second attention. */
  readonly second?: { readonly normed: Value; readonly gate: Value };
}

function modulate(
  scope: Scope,
  x: Value,
  { condition, dual = false }: { condition: Value; dual?: boolean },
): Modulated {
  const width = knownSize('joint block', x, 2);
  const parts = conditionParts(scope, condition, { count: dual ? 9 : 6, width });
  const at = (index: number): Value => parts[index] as Value;
  const norm = (first: number): Value => modulatedNorm(x, { shift: at(first), scale: at(first + 1), epsilon: EPSILON });
  return {
    normed: norm(0),
    gate: at(2),
    later: { shift: at(3), scale: at(4), gate: at(5) },
    ...(dual ? { second: { normed: norm(6), gate: at(8) } } : {}),
  };
}

/** The gated feed-forward layers after a stream's attention. */
function digest(scope: Scope, x: Value, { shift, scale, gate }: Modulated['later']): Value {
  const normed = modulatedNorm(x, { shift, scale, epsilon: EPSILON });
  return ops.add(x, ops.mul(gate, feedForward(scope, normed, { kind: 'gelu_pytorch_tanh' })));
}

/**
 * A block over two streams, picture [N, T, C] and text [N, S, C], that meet in attention and have all other layers apart. Source: Esser et al. 2024,
 * figure 2b (MM-DiT); the double-stream block of Flux is the same with places turned into queries and keys. In the last block the text has no result.
 * Why: docs/decisions/0094.
 */
export function jointBlock(
  scope: Scope,
  [picture, text]: readonly [Stream, Stream],
  { condition, dual = false, last = false, ...heads }: JointBlockOptions,
): readonly [Value, Value | undefined] {
  const own = modulate(scope.at('norm1'), picture.tokens, { condition, dual });
  const contextNorm = scope.at('norm1_context');
  const added = last ? undefined : modulate(contextNorm, text.tokens, { condition });
  const [seen, told] = jointAttention(
    scope.at('attn'),
    [
      { ...picture, tokens: own.normed },
      { ...text, tokens: added?.normed ?? conditionedNorm(contextNorm, text.tokens, condition) },
    ],
    { ...heads, onlyFirst: last },
  );
  let x = ops.add(picture.tokens, ops.mul(own.gate, seen));
  if (own.second !== undefined) {
    const attn2 = scope.at('attn2');
    const again = streamAttention(attn2, { tokens: own.second.normed }, heads);
    const out = knownSize('joint block', x, 2);
    x = ops.add(x, ops.mul(own.second.gate, linear(attn2.at('to_out', 0), again, { out })));
  }
  const painted = digest(scope.at('ff'), x, own.later);
  if (added === undefined || told === undefined) return [painted, undefined];
  const context = ops.add(text.tokens, ops.mul(added.gate, told));
  return [painted, digest(scope.at('ff_context'), context, added.later)];
}
