import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import { conv2d } from './conv2d.js';
import { zeros } from './initializers.js';
import { knownSize } from './known-size.js';
import { linear } from './linear.js';
import { groupNorm } from './normalization.js';
import { fromTokens, toTokens } from './tokens.js';
import { transformerBlock } from './transformer-block.js';

/** Options of `spatialTransformer`. */
export interface SpatialTransformerOptions {
  readonly heads: number;
  /** Number of transformer blocks. */
  readonly layers: number;
  /** The sequence [N, S, D] that the cells attend to. */
  readonly context: Value;
  readonly groups: number;
  /** Linear layers over the cells instead of 1×1 convolutions before and after the blocks: other weight shapes, same maths. */
  readonly linearProjection: boolean;
}

/**
 * Transformer blocks over the cells of a feature map, added to it: [N, C, H, W] → [N, C, H, W] (diffusers' Transformer2DModel:
 * norm, proj_in, transformer_blocks, proj_out). Source: Rombach et al. 2022, appendix E.2.1. `proj_out` starts at zero as there, so that the
 * block starts as the identity.
 */
export function spatialTransformer(scope: Scope, x: Value, options: SpatialTransformerOptions): Value {
  const { heads, layers, context, groups, linearProjection } = options;
  const out = knownSize('spatialTransformer', x, 1);
  const normed = groupNorm(scope.at('norm'), x, { groups, epsilon: 1e-6 });
  let tokens = linearProjection
    ? linear(scope.at('proj_in'), toTokens(normed), { out })
    : toTokens(conv2d(scope.at('proj_in'), normed, { out, kernel: 1 }));
  for (let i = 0; i < layers; i++) {
    tokens = transformerBlock(scope.at('transformer_blocks', i), tokens, { heads, context });
  }
  const residual = linearProjection
    ? fromTokens(linear(scope.at('proj_out'), tokens, { out, initializer: zeros }), x.shape)
    : conv2d(scope.at('proj_out'), fromTokens(tokens, x.shape), { out, kernel: 1, initializer: zeros });
  return ops.add(residual, x);
}
