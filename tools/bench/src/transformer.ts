import type { Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import { attention, feedForward, layerNorm } from '@lascaux/nn/layers';

/** Sizes of the transformer that is timed. */
export interface TransformerConfig {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly tokens: number;
}

/** Pre-norm blocks of self-attention and a GELU feed-forward four times as wide, then a layer norm: [B, T, C] → [B, T, C]. */
export function transformer(scope: Scope, x: Value, { layers, heads }: TransformerConfig): Value {
  let hidden = x;
  for (let i = 0; i < layers; i++) {
    const block = scope.at('blocks', i);
    hidden = ops.add(hidden, attention(block.at('attn'), layerNorm(block.at('norm1'), hidden), { heads }));
    hidden = ops.add(hidden, feedForward(block.at('ff'), layerNorm(block.at('norm2'), hidden), { kind: 'gelu' }));
  }
  return layerNorm(scope.at('norm_out'), hidden);
}

/** The mean squared error of the transformer's answer. */
export function transformerLoss(
  scope: Scope,
  { x, target }: Readonly<Record<'x' | 'target', Value>>,
  config: TransformerConfig,
) {
  return { loss: ops.mean(ops.square(ops.sub(transformer(scope, x, config), target))) };
}
