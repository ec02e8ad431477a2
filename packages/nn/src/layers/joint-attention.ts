import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { Dim } from '../program/shape.js';
import { multiHeadAttention } from './attention.js';
import { knownSize } from './known-size.js';
import { linear } from './linear.js';
import { rmsNorm } from './normalization.js';
import type { Rotation } from './rotary-embedding.js';
import { rotate } from './rotary-embedding.js';

/** Heads of attention over several streams, and what is done to their queries and keys. */
export interface HeadOptions {
  readonly heads: number;
  /** An RMS norm with weights (`norm_q`, `norm_k`) over each head's channels; default false. */
  readonly normalized?: boolean;
}

/** One sequence [N, T, C], with the rotary embedding of its positions where there is one. */
export interface Stream {
  readonly tokens: Value;
  readonly rotation?: Rotation;
}

interface Projected {
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
}

/** diffusers' names of the layers of the first stream (`to_q`, `norm_q` …) and of the second (`add_q_proj`, `norm_added_q` …). */
const firstNames = { layer: (part: string) => `to_${part}`, norm: (part: string) => `norm_${part}` };
const secondNames = { layer: (part: string) => `add_${part}_proj`, norm: (part: string) => `norm_added_${part}` };

const EPSILON = 1e-6;

/** Query, key and value [N, T, C] of a stream. */
function project(
  scope: Scope,
  { tokens, rotation }: Stream,
  { heads, normalized = false, names }: HeadOptions & { readonly names: typeof firstNames },
): Projected {
  const width = knownSize('attention', tokens, 2);
  const [n, t] = tokens.shape as readonly [Dim, Dim];
  const projected = (part: string): Value => linear(scope.at(names.layer(part)), tokens, { out: width });
  const prepared = (part: string): Value => {
    const cut = ops.reshape(projected(part), [n, t, heads, width / heads]);
    const normed = normalized ? rmsNorm(scope.at(names.norm(part)), cut, { epsilon: EPSILON }) : cut;
    return ops.reshape(rotation === undefined ? normed : rotate(normed, rotation), [n, t, width]);
  };
  return { query: prepared('q'), key: prepared('k'), value: projected('v') };
}

/** Self-attention of one stream, with a bias everywhere and no layer after it: [N, T, C] → [N, T, C]. */
export function streamAttention(scope: Scope, stream: Stream, options: HeadOptions): Value {
  return multiHeadAttention({ ...project(scope, stream, { ...options, names: firstNames }), heads: options.heads });
}

/** Options of `jointAttention`. */
export interface JointAttentionOptions extends HeadOptions {
  /** Whether only the first stream goes on: the layer after the second one's attention (`to_add_out`) is not there. Default false. */
  readonly onlyFirst?: boolean;
}

/**
 * Two streams of equal width with layers of their own that attend to both: each query sees the keys of both sequences (diffusers' names `to_q` …
 * `to_out.0` and `add_q_proj` … `to_add_out`). Source: Esser et al. 2024, section 4. With `onlyFirst` the second result is undefined; the layers
 * of its query are parameters all the same, since published weights have them.
 */
export function jointAttention(
  scope: Scope,
  [first, second]: readonly [Stream, Stream],
  { onlyFirst = false, ...options }: JointAttentionOptions,
): readonly [Value, Value | undefined] {
  const firstQkv = project(scope, first, { ...options, names: firstNames });
  const secondQkv = project(scope, second, { ...options, names: secondNames });
  const key = ops.concat([firstQkv.key, secondQkv.key], 1); // [N, T + S, C]
  const value = ops.concat([firstQkv.value, secondQkv.value], 1);
  const out = knownSize('attention', first.tokens, 2);
  const attend = ({ query }: Projected): Value => multiHeadAttention({ query, key, value, heads: options.heads });
  return [
    linear(scope.at('to_out', 0), attend(firstQkv), { out }),
    onlyFirst ? undefined : linear(scope.at('to_add_out'), attend(secondQkv), { out }),
  ];
}
