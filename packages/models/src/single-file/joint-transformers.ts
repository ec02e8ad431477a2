import type { JsonObject } from '../convert/component-kinds.js';
import { countOf, has, sizeAt, type Entries } from './shapes.js';
import type { TensorPart, TensorParts } from './tensor-part.js';

/** A pattern of an original name; what it is called here, one name for each of its equal parts. */
type Rule = readonly [original: RegExp, now: readonly string[], change?: Omit<TensorPart, 'from'>];

/** Applies the first rule that fits a name; `$1` … stand for what the pattern's groups matched. */
function partsByRule(name: string, rules: readonly Rule[]): readonly (readonly [string, TensorPart])[] {
  const rule = rules.find(([original]) => original.test(name));
  if (rule === undefined) return [[name, { from: name }]];
  const [original, names, change = {}] = rule;
  return names.map((now, i) => [
    name.replace(original, now),
    { from: name, ...change, ...(names.length > 1 ? { part: [i, names.length] as const } : {}) },
  ]);
}

const HEAD_OF_SD3 = 64;

/** MMDiT (Esser et al. 2024) as Stability AI names its tensors. */
const sd3Rules = (last: number): readonly Rule[] => [
  [/^pos_embed$/, ['pos_embed.pos_embed']],
  [/^x_embedder\.proj\./, ['pos_embed.proj.']],
  [/^t_embedder\.mlp\.0\./, ['time_text_embed.timestep_embedder.linear_1.']],
  [/^t_embedder\.mlp\.2\./, ['time_text_embed.timestep_embedder.linear_2.']],
  [/^y_embedder\.mlp\.0\./, ['time_text_embed.text_embedder.linear_1.']],
  [/^y_embedder\.mlp\.2\./, ['time_text_embed.text_embedder.linear_2.']],
  [/^final_layer\.linear\./, ['proj_out.']],
  // Shift and scale stand in the other order where nothing follows.
  [/^final_layer\.adaLN_modulation\.1\./, ['norm_out.linear.'], { swapped: true }],
  [
    new RegExp(`^joint_blocks\\.(${last})\\.context_block\\.adaLN_modulation\\.1\\.`),
    ['transformer_blocks.$1.norm1_context.linear.'],
    { swapped: true },
  ],
  [/^joint_blocks\.(\d+)\.x_block\.adaLN_modulation\.1\./, ['transformer_blocks.$1.norm1.linear.']],
  [/^joint_blocks\.(\d+)\.context_block\.adaLN_modulation\.1\./, ['transformer_blocks.$1.norm1_context.linear.']],
  [
    /^joint_blocks\.(\d+)\.x_block\.(attn2?)\.qkv\.(weight|bias)$/,
    ['q', 'k', 'v'].map((letter) => `transformer_blocks.$1.$2.to_${letter}.$3`),
  ],
  [
    /^joint_blocks\.(\d+)\.context_block\.attn\.qkv\.(weight|bias)$/,
    ['q', 'k', 'v'].map((letter) => `transformer_blocks.$1.attn.add_${letter}_proj.$2`),
  ],
  [/^joint_blocks\.(\d+)\.x_block\.(attn2?)\.ln_([qk])\./, ['transformer_blocks.$1.$2.norm_$3.']],
  [/^joint_blocks\.(\d+)\.context_block\.attn\.ln_([qk])\./, ['transformer_blocks.$1.attn.norm_added_$2.']],
  [/^joint_blocks\.(\d+)\.x_block\.(attn2?)\.proj\./, ['transformer_blocks.$1.$2.to_out.0.']],
  [/^joint_blocks\.(\d+)\.context_block\.attn\.proj\./, ['transformer_blocks.$1.attn.to_add_out.']],
  [/^joint_blocks\.(\d+)\.x_block\.mlp\.fc1\./, ['transformer_blocks.$1.ff.net.0.proj.']],
  [/^joint_blocks\.(\d+)\.x_block\.mlp\.fc2\./, ['transformer_blocks.$1.ff.net.2.']],
  [/^joint_blocks\.(\d+)\.context_block\.mlp\.fc1\./, ['transformer_blocks.$1.ff_context.net.0.proj.']],
  [/^joint_blocks\.(\d+)\.context_block\.mlp\.fc2\./, ['transformer_blocks.$1.ff_context.net.2.']],
];

/** The parts of an SD 3 transformer under diffusers' names. */
export function sd3Parts(entries: Entries): TensorParts {
  const rules = sd3Rules(countOf(entries, 'joint_blocks.*.') - 1);
  return new Map([...entries.keys()].flatMap((name) => partsByRule(name, rules)));
}

/** The config of diffusers' SD3Transformer2DModel that the shapes of an original checkpoint tell. */
export function sd3Config(entries: Entries): JsonObject {
  const layers = countOf(entries, 'joint_blocks.*.');
  const width = sizeAt(entries, 'x_embedder.proj.weight', 0);
  const patch = sizeAt(entries, 'x_embedder.proj.weight', 2);
  return {
    _class_name: 'SD3Transformer2DModel',
    sample_size: 128,
    patch_size: patch,
    in_channels: sizeAt(entries, 'x_embedder.proj.weight', 1),
    out_channels: sizeAt(entries, 'final_layer.linear.weight', 0) / patch ** 2,
    num_layers: layers,
    attention_head_dim: HEAD_OF_SD3,
    num_attention_heads: width / HEAD_OF_SD3,
    caption_projection_dim: sizeAt(entries, 'context_embedder.weight', 0),
    joint_attention_dim: sizeAt(entries, 'context_embedder.weight', 1),
    pooled_projection_dim: sizeAt(entries, 'y_embedder.mlp.0.weight', 1),
    pos_embed_max_size: Math.round(Math.sqrt(sizeAt(entries, 'pos_embed', 1))),
    qk_norm: has(entries, 'joint_blocks.0.x_block.attn.ln_q.') ? 'rms_norm' : null,
    dual_attention_layers: Array.from({ length: layers }, (_, i) => i).filter((i) =>
      has(entries, `joint_blocks.${i}.x_block.attn2.`),
    ),
  };
}

/** The transformer of Flux.1 as Black Forest Labs name its tensors. */
const fluxRules: readonly Rule[] = [
  [/^time_in\.in_layer\./, ['time_text_embed.timestep_embedder.linear_1.']],
  [/^time_in\.out_layer\./, ['time_text_embed.timestep_embedder.linear_2.']],
  [/^vector_in\.in_layer\./, ['time_text_embed.text_embedder.linear_1.']],
  [/^vector_in\.out_layer\./, ['time_text_embed.text_embedder.linear_2.']],
  [/^guidance_in\.in_layer\./, ['time_text_embed.guidance_embedder.linear_1.']],
  [/^guidance_in\.out_layer\./, ['time_text_embed.guidance_embedder.linear_2.']],
  [/^txt_in\./, ['context_embedder.']],
  [/^img_in\./, ['x_embedder.']],
  [/^final_layer\.linear\./, ['proj_out.']],
  [/^final_layer\.adaLN_modulation\.1\./, ['norm_out.linear.'], { swapped: true }],
  [/^double_blocks\.(\d+)\.img_mod\.lin\./, ['transformer_blocks.$1.norm1.linear.']],
  [/^double_blocks\.(\d+)\.txt_mod\.lin\./, ['transformer_blocks.$1.norm1_context.linear.']],
  [
    /^double_blocks\.(\d+)\.img_attn\.qkv\.(weight|bias)$/,
    ['q', 'k', 'v'].map((letter) => `transformer_blocks.$1.attn.to_${letter}.$2`),
  ],
  [
    /^double_blocks\.(\d+)\.txt_attn\.qkv\.(weight|bias)$/,
    ['q', 'k', 'v'].map((letter) => `transformer_blocks.$1.attn.add_${letter}_proj.$2`),
  ],
  [/^double_blocks\.(\d+)\.img_attn\.norm\.query_norm\.scale$/, ['transformer_blocks.$1.attn.norm_q.weight']],
  [/^double_blocks\.(\d+)\.img_attn\.norm\.key_norm\.scale$/, ['transformer_blocks.$1.attn.norm_k.weight']],
  [/^double_blocks\.(\d+)\.txt_attn\.norm\.query_norm\.scale$/, ['transformer_blocks.$1.attn.norm_added_q.weight']],
  [/^double_blocks\.(\d+)\.txt_attn\.norm\.key_norm\.scale$/, ['transformer_blocks.$1.attn.norm_added_k.weight']],
  [/^double_blocks\.(\d+)\.img_mlp\.0\./, ['transformer_blocks.$1.ff.net.0.proj.']],
  [/^double_blocks\.(\d+)\.img_mlp\.2\./, ['transformer_blocks.$1.ff.net.2.']],
  [/^double_blocks\.(\d+)\.txt_mlp\.0\./, ['transformer_blocks.$1.ff_context.net.0.proj.']],
  [/^double_blocks\.(\d+)\.txt_mlp\.2\./, ['transformer_blocks.$1.ff_context.net.2.']],
  [/^double_blocks\.(\d+)\.img_attn\.proj\./, ['transformer_blocks.$1.attn.to_out.0.']],
  [/^double_blocks\.(\d+)\.txt_attn\.proj\./, ['transformer_blocks.$1.attn.to_add_out.']],
  [/^single_blocks\.(\d+)\.modulation\.lin\./, ['single_transformer_blocks.$1.norm.linear.']],
  [/^single_blocks\.(\d+)\.norm\.query_norm\.scale$/, ['single_transformer_blocks.$1.attn.norm_q.weight']],
  [/^single_blocks\.(\d+)\.norm\.key_norm\.scale$/, ['single_transformer_blocks.$1.attn.norm_k.weight']],
  [/^single_blocks\.(\d+)\.linear2\./, ['single_transformer_blocks.$1.proj_out.']],
];

const FUSED = /^single_blocks\.(\d+)\.linear1\.(weight|bias)$/;

/** The parts of a Flux.1 transformer under diffusers' names. */
export function fluxParts(entries: Entries): TensorParts {
  const width = sizeAt(entries, 'img_in.weight', 0);
  const parts = [...entries].flatMap(([name, { shape }]): readonly (readonly [string, TensorPart])[] => {
    const [, block, kind] = FUSED.exec(name) ?? [];
    if (block === undefined) return partsByRule(name, fluxRules);
    // Queries, keys, values, and what enters the feed-forward half.
    return ['attn.to_q', 'attn.to_k', 'attn.to_v', 'proj_mlp'].map((layer, i) => [
      `single_transformer_blocks.${block}.${layer}.${kind!}`,
      { from: name, rows: [i * width, i < 3 ? (i + 1) * width : (shape[0] ?? 0)] },
    ]);
  });
  return new Map(parts);
}

/** The config of diffusers' FluxTransformer2DModel that the shapes of an original checkpoint tell. */
export function fluxConfig(entries: Entries): JsonObject {
  const width = sizeAt(entries, 'img_in.weight', 0);
  const head = sizeAt(entries, 'double_blocks.0.img_attn.norm.key_norm.scale', 0);
  return {
    _class_name: 'FluxTransformer2DModel',
    patch_size: 1,
    in_channels: sizeAt(entries, 'img_in.weight', 1),
    num_layers: countOf(entries, 'double_blocks.*.'),
    num_single_layers: countOf(entries, 'single_blocks.*.'),
    attention_head_dim: head,
    num_attention_heads: width / head,
    joint_attention_dim: sizeAt(entries, 'txt_in.weight', 1),
    pooled_projection_dim: sizeAt(entries, 'vector_in.in_layer.weight', 1),
    guidance_embeds: has(entries, 'guidance_in.'),
  };
}
