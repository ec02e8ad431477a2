import type { JsonObject } from '../convert/component-kinds.js';
import { countOf, has, sizeAt, type Entries } from './shapes.js';
import type { TensorPart, TensorParts } from './tensor-part.js';

/** Width of a head in CLIP's published sizes. */
const HEAD = 64;

interface ClipSizes {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly max_position_embeddings: number;
  readonly projection_dim: number;
  readonly hidden_act: 'quick_gelu' | 'gelu';
}

/** What transformers writes for all of these: 2 stands for the highest id, at which the pooled state is read. */
const configOf = (sizes: ClipSizes): JsonObject => ({
  model_type: 'clip_text_model',
  ...sizes,
  num_attention_heads: Math.max(1, Math.round(sizes.hidden_size / HEAD)),
  layer_norm_eps: 1e-5,
  bos_token_id: 0,
  eos_token_id: 2,
  pad_token_id: 1,
});

const TABLE = 'text_model.embeddings.token_embedding.weight';
const POSITIONS = 'text_model.embeddings.position_embedding.weight';

/** The config of a CLIP text encoder under transformers' names. */
export function clipConfig(entries: Entries): JsonObject {
  const hidden = sizeAt(entries, TABLE, 1);
  return configOf({
    vocab_size: sizeAt(entries, TABLE, 0),
    hidden_size: hidden,
    intermediate_size: sizeAt(entries, 'text_model.encoder.layers.0.mlp.fc1.weight', 0),
    num_hidden_layers: countOf(entries, 'text_model.encoder.layers.*.'),
    max_position_embeddings: sizeAt(entries, POSITIONS, 0),
    projection_dim: entries.get('text_projection.weight')?.shape[0] ?? hidden,
    // OpenCLIP's large models use the exact function, OpenAI's the quick one.
    hidden_act: hidden > 768 ? 'gelu' : 'quick_gelu',
  });
}

const LAYER: readonly (readonly [original: string, now: string])[] = [
  ['ln_1.', 'layer_norm1.'],
  ['ln_2.', 'layer_norm2.'],
  ['mlp.c_fc.', 'mlp.fc1.'],
  ['mlp.c_proj.', 'mlp.fc2.'],
  ['attn.out_proj.', 'self_attn.out_proj.'],
];
const OUTSIDE: Readonly<Record<string, string>> = {
  positional_embedding: POSITIONS,
  'token_embedding.weight': TABLE,
  'ln_final.weight': 'text_model.final_layer_norm.weight',
  'ln_final.bias': 'text_model.final_layer_norm.bias',
};
const BLOCK = /^transformer\.resblocks\.(\d+)\.(.*)$/;
const FUSED = /^attn\.in_proj_(weight|bias)$/;

/** Layers that an OpenCLIP checkpoint holds. */
export const openClipLayers = (entries: Entries): number => countOf(entries, 'transformer.resblocks.*.');

/** The config of a text encoder in OpenCLIP's naming (Ilharco et al. 2021), of which the first `layers` are used. */
export const openClipConfig = (entries: Entries, layers: number): JsonObject =>
  configOf({
    vocab_size: sizeAt(entries, 'token_embedding.weight', 0),
    hidden_size: sizeAt(entries, 'token_embedding.weight', 1),
    intermediate_size: sizeAt(entries, 'transformer.resblocks.0.mlp.c_fc.weight', 0),
    num_hidden_layers: layers,
    max_position_embeddings: sizeAt(entries, 'positional_embedding', 0),
    projection_dim: entries.get('text_projection')?.shape[1] ?? 512,
    hidden_act: 'gelu',
  });

/** The parts of a text encoder in OpenCLIP's naming under transformers' names: queries, keys and values apart, the projection turned. */
export function openClipParts(
  entries: Entries,
  { layers, projected }: { readonly layers: number; readonly projected: boolean },
): TensorParts {
  const parts = [...entries.keys()].flatMap((name): readonly (readonly [string, TensorPart])[] => {
    const outside = OUTSIDE[name];
    if (outside !== undefined) return [[outside, { from: name }]];
    if (name === 'text_projection') return projected ? [['text_projection.weight', { from: name, transposed: true }]] : [];
    const [, number, rest = ''] = BLOCK.exec(name) ?? [];
    if (number === undefined || Number(number) >= layers) return [];
    const layer = `text_model.encoder.layers.${number}.`;
    const [, kind] = FUSED.exec(rest) ?? [];
    if (kind !== undefined)
      return ['q', 'k', 'v'].map((letter, i) => [`${layer}self_attn.${letter}_proj.${kind}`, { from: name, part: [i, 3] }]);
    const inside = LAYER.find(([original]) => rest.startsWith(original));
    return [[layer + (inside === undefined ? rest : inside[1] + rest.slice(inside[0].length)), { from: name }]];
  });
  return new Map(parts);
}

/** Whether a text encoder is in OpenCLIP's naming. */
export const isOpenClip = (entries: Entries): boolean => has(entries, 'transformer.resblocks.');
