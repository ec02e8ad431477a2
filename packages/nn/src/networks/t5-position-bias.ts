import { embedding, normal } from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { T5Config } from './t5-config.js';

/**
 * The bucket of an offset key − query: half of the buckets for keys after the query; within each half, half of them for single
 * distances and half growing as a logarithm up to the maximal distance. Source: Raffel et al. 2020, section 2.1. The steps are rounded to float32, as in
 * the reference, because bucket limits fall on whole distances.
 */
export function t5PositionBucket(config: T5Config, offset: number): number {
  const half = config.relative_attention_num_buckets / 2;
  const exact = half / 2;
  const distance = Math.abs(offset);
  const first = offset > 0 ? half : 0;
  if (distance < exact) return first + distance;
  const { fround, log } = Math;
  const share = fround(
    fround(log(fround(distance / exact))) / fround(log(config.relative_attention_max_distance / exact)),
  );
  return first + Math.min(exact + Math.trunc(fround(share * (half - exact))), half - 1);
}

/**
 * The bias that self-attention adds to its scores, one learned number for each bucket and head: [1, heads, T, T].
 *
 * Row q of the result is the list of offsets moved right by q. A list of 2T offsets written T times and read again as rows of 2T − 1 moves by
 * one cell each row, so no table of T² buckets is needed.
 */
export function t5PositionBias(
  scope: Scope,
  config: T5Config,
  { like, tokens }: { like: Value; tokens: number },
): Value {
  // Offsets 0 … T − 1, one cell that is never read, then −(T − 1) … −1.
  const offsets = Array.from({ length: 2 * tokens }, (_, i) => (i < tokens ? i : i - 2 * tokens));
  const buckets = offsets.map((offset) => t5PositionBucket(config, offset));
  const indices = ops.constant(like, buckets, { shape: [2 * tokens], dtype: 'int64' });
  const heads = config.num_heads;
  const row = embedding(scope, indices, {
    count: config.relative_attention_num_buckets,
    width: heads,
    initializer: normal(config.d_model ** -0.5),
  }); // [2T, heads]
  const repeated = ops.broadcast(ops.reshape(ops.swapLast(row), [heads, 1, 2 * tokens]), [heads, tokens, 2 * tokens]);
  const flat = ops.reshape(repeated, [heads, 2 * tokens * tokens]);
  const skewed = ops.slice(flat, { axis: 1, begin: 0, end: tokens * (2 * tokens - 1) });
  const rows = ops.reshape(skewed, [heads, tokens, 2 * tokens - 1]);
  return ops.reshape(ops.slice(rows, { axis: 2, begin: 0, end: tokens }), [1, heads, tokens, tokens]);
}
