import type { TextComponent } from '@lascaux/models';
import { check } from '@lascaux/nn';
import type { PromptEmbedding } from '@lascaux/text-encoder';
import type { Tensor } from 'onnxruntime-common';
import { concat } from './tensors.js';

/**
 * The pooled states of all rows: [B, P].
 * @throws LascauxError naming the encoder when its graph has none.
 */
export function pooledStates(rows: readonly PromptEmbedding[], component: TextComponent): Tensor {
  const pooled = rows.map((row) => row.pooled).filter((tensor) => tensor !== undefined);
  check(pooled.length === rows.length, {
    operation: component,
    rule: 'the graph must have a pooled output',
    accepted: ['text_embeds', 'pooler_output'],
  });
  return concat(pooled, 0);
}
