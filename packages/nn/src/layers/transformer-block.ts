import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import { attention } from './attention.js';
import { feedForward } from './feed-forward.js';
import { layerNorm } from './normalization.js';

/** Options of `transformerBlock`. */
export interface TransformerBlockOptions {
  readonly heads: number;
  /** The sequence [N, S, D] of the second attention. */
  readonly context: Value;
}

/** Self-attention, cross-attention and a GEGLU feed-forward, each after a layer norm and added: [N, T, C] → [N, T, C] (diffusers' BasicTransformerBlock). */
export function transformerBlock(scope: Scope, x: Value, { heads, context }: TransformerBlockOptions): Value {
  const self = ops.add(x, attention(scope.at('attn1'), layerNorm(scope.at('norm1'), x), { heads }));
  const crossed = ops.add(self, attention(scope.at('attn2'), layerNorm(scope.at('norm2'), self), { heads, context }));
  return ops.add(crossed, feedForward(scope.at('ff'), layerNorm(scope.at('norm3'), crossed), { kind: 'geglu' }));
}
