import { halvesSwapped, stacked, turned, type Tensors } from './fuse-tensors.js';

/** Names by pattern, and several tensors stacked into one, in the original naming of a transformer. */
interface Naming {
  readonly fused: readonly (readonly [original: string, parts: readonly string[]])[];
  readonly names: readonly (readonly [ours: RegExp, original: string])[];
  readonly swapped: (ours: string) => boolean;
}

function originalOf(tensors: Tensors, { fused, names, swapped }: Naming): Tensors {
  const result: Record<string, Tensors[string]> = {};
  const used = new Set<string>();
  for (const [original, parts] of fused) {
    for (const kind of ['weight', 'bias']) {
      const found = parts.flatMap((part) => tensors[`${part}.${kind}`] ?? []);
      if (found.length !== parts.length) continue;
      result[`${original}.${kind}`] = stacked(found);
      for (const part of parts) used.add(`${part}.${kind}`);
    }
  }
  for (const [ours, tensor] of Object.entries(tensors)) {
    if (used.has(ours)) continue;
    const rule = names.find(([pattern]) => pattern.test(ours));
    if (rule === undefined) throw new Error(`no original name for ${ours}`);
    result[ours.replace(rule[0], rule[1])] = swapped(ours) ? halvesSwapped(tensor) : tensor;
  }
  return result;
}

const count = (tensors: Tensors, prefix: string): number =>
  new Set(Object.keys(tensors).flatMap((name) => new RegExp(`^${prefix}\\.(\\d+)\\.`).exec(name)?.[1] ?? [])).size;
const each = <T>(length: number, make: (i: number) => readonly T[]): readonly T[] =>
  Array.from({ length }, (_, i) => make(i)).flat();
const qkv = ['q', 'k', 'v'];

/** An SD 3 transformer as Stability AI name it. */
export function originalSd3(tensors: Tensors): Tensors {
  const layers = count(tensors, 'transformer_blocks');
  const last = `transformer_blocks.${layers - 1}.norm1_context.`;
  return originalOf(tensors, {
    fused: each(layers, (i) => [
      [`joint_blocks.${i}.x_block.attn.qkv`, qkv.map((x) => `transformer_blocks.${i}.attn.to_${x}`)],
      [`joint_blocks.${i}.x_block.attn2.qkv`, qkv.map((x) => `transformer_blocks.${i}.attn2.to_${x}`)],
      [`joint_blocks.${i}.context_block.attn.qkv`, qkv.map((x) => `transformer_blocks.${i}.attn.add_${x}_proj`)],
    ]),
    swapped: (name) => name.startsWith('norm_out.linear.') || name.startsWith(last),
    names: [
      [/^pos_embed\.pos_embed$/, 'pos_embed'],
      [/^pos_embed\.proj\./, 'x_embedder.proj.'],
      [/^time_text_embed\.timestep_embedder\.linear_1/, 't_embedder.mlp.0'],
      [/^time_text_embed\.timestep_embedder\.linear_2/, 't_embedder.mlp.2'],
      [/^time_text_embed\.text_embedder\.linear_1/, 'y_embedder.mlp.0'],
      [/^time_text_embed\.text_embedder\.linear_2/, 'y_embedder.mlp.2'],
      [/^context_embedder/, 'context_embedder'],
      [/^proj_out/, 'final_layer.linear'],
      [/^norm_out\.linear/, 'final_layer.adaLN_modulation.1'],
      [/^transformer_blocks\.(\d+)\.norm1\.linear/, 'joint_blocks.$1.x_block.adaLN_modulation.1'],
      [/^transformer_blocks\.(\d+)\.norm1_context\.linear/, 'joint_blocks.$1.context_block.adaLN_modulation.1'],
      [/^transformer_blocks\.(\d+)\.(attn2?)\.norm_([qk])/, 'joint_blocks.$1.x_block.$2.ln_$3'],
      [/^transformer_blocks\.(\d+)\.attn\.norm_added_([qk])/, 'joint_blocks.$1.context_block.attn.ln_$2'],
      [/^transformer_blocks\.(\d+)\.(attn2?)\.to_out\.0/, 'joint_blocks.$1.x_block.$2.proj'],
      [/^transformer_blocks\.(\d+)\.attn\.to_add_out/, 'joint_blocks.$1.context_block.attn.proj'],
      [/^transformer_blocks\.(\d+)\.ff\.net\.0\.proj/, 'joint_blocks.$1.x_block.mlp.fc1'],
      [/^transformer_blocks\.(\d+)\.ff\.net\.2/, 'joint_blocks.$1.x_block.mlp.fc2'],
      [/^transformer_blocks\.(\d+)\.ff_context\.net\.0\.proj/, 'joint_blocks.$1.context_block.mlp.fc1'],
      [/^transformer_blocks\.(\d+)\.ff_context\.net\.2/, 'joint_blocks.$1.context_block.mlp.fc2'],
    ],
  });
}

/** A Flux.1 transformer as Black Forest Labs name it. */
export function originalFlux(tensors: Tensors): Tensors {
  const single = 'single_transformer_blocks';
  return originalOf(tensors, {
    fused: [
      ...each(count(tensors, 'transformer_blocks'), (i) => [
        [`double_blocks.${i}.img_attn.qkv`, qkv.map((x) => `transformer_blocks.${i}.attn.to_${x}`)] as const,
        [`double_blocks.${i}.txt_attn.qkv`, qkv.map((x) => `transformer_blocks.${i}.attn.add_${x}_proj`)] as const,
      ]),
      ...each(count(tensors, single), (i) => [
        [
          `single_blocks.${i}.linear1`,
          ['attn.to_q', 'attn.to_k', 'attn.to_v', 'proj_mlp'].map((part) => `${single}.${i}.${part}`),
        ] as const,
      ]),
    ],
    swapped: (name) => name.startsWith('norm_out.linear.'),
    names: [
      [/^time_text_embed\.timestep_embedder\.linear_1/, 'time_in.in_layer'],
      [/^time_text_embed\.timestep_embedder\.linear_2/, 'time_in.out_layer'],
      [/^time_text_embed\.text_embedder\.linear_1/, 'vector_in.in_layer'],
      [/^time_text_embed\.text_embedder\.linear_2/, 'vector_in.out_layer'],
      [/^time_text_embed\.guidance_embedder\.linear_1/, 'guidance_in.in_layer'],
      [/^time_text_embed\.guidance_embedder\.linear_2/, 'guidance_in.out_layer'],
      [/^context_embedder/, 'txt_in'],
      [/^x_embedder/, 'img_in'],
      [/^proj_out/, 'final_layer.linear'],
      [/^norm_out\.linear/, 'final_layer.adaLN_modulation.1'],
      [/^transformer_blocks\.(\d+)\.norm1\.linear/, 'double_blocks.$1.img_mod.lin'],
      [/^transformer_blocks\.(\d+)\.norm1_context\.linear/, 'double_blocks.$1.txt_mod.lin'],
      [/^transformer_blocks\.(\d+)\.attn\.norm_q\.weight/, 'double_blocks.$1.img_attn.norm.query_norm.scale'],
      [/^transformer_blocks\.(\d+)\.attn\.norm_k\.weight/, 'double_blocks.$1.img_attn.norm.key_norm.scale'],
      [/^transformer_blocks\.(\d+)\.attn\.norm_added_q\.weight/, 'double_blocks.$1.txt_attn.norm.query_norm.scale'],
      [/^transformer_blocks\.(\d+)\.attn\.norm_added_k\.weight/, 'double_blocks.$1.txt_attn.norm.key_norm.scale'],
      [/^transformer_blocks\.(\d+)\.attn\.to_out\.0/, 'double_blocks.$1.img_attn.proj'],
      [/^transformer_blocks\.(\d+)\.attn\.to_add_out/, 'double_blocks.$1.txt_attn.proj'],
      [/^transformer_blocks\.(\d+)\.ff\.net\.0\.proj/, 'double_blocks.$1.img_mlp.0'],
      [/^transformer_blocks\.(\d+)\.ff\.net\.2/, 'double_blocks.$1.img_mlp.2'],
      [/^transformer_blocks\.(\d+)\.ff_context\.net\.0\.proj/, 'double_blocks.$1.txt_mlp.0'],
      [/^transformer_blocks\.(\d+)\.ff_context\.net\.2/, 'double_blocks.$1.txt_mlp.2'],
      [/^single_transformer_blocks\.(\d+)\.norm\.linear/, 'single_blocks.$1.modulation.lin'],
      [/^single_transformer_blocks\.(\d+)\.attn\.norm_q\.weight/, 'single_blocks.$1.norm.query_norm.scale'],
      [/^single_transformer_blocks\.(\d+)\.attn\.norm_k\.weight/, 'single_blocks.$1.norm.key_norm.scale'],
      [/^single_transformer_blocks\.(\d+)\.proj_out/, 'single_blocks.$1.linear2'],
    ],
  });
}

/** A CLIP text encoder as OpenCLIP names it, with one more layer where a family never uses the last one. */
export function originalOpenClip(tensors: Tensors, { extraLayer }: { readonly extraLayer: boolean }): Tensors {
  const layers = count(tensors, 'text_model\\.encoder\\.layers');
  const text = Object.fromEntries(
    Object.entries(tensors).filter(([name]) => !/position_ids$|^text_projection/.test(name)),
  );
  const original = originalOf(text, {
    fused: [],
    swapped: () => false,
    names: [
      [/^text_model\.embeddings\.token_embedding/, 'token_embedding'],
      [/^text_model\.embeddings\.position_embedding\.weight/, 'positional_embedding'],
      [/^text_model\.final_layer_norm/, 'ln_final'],
      [/^text_model\.encoder\.layers\.(\d+)\.layer_norm(\d)/, 'transformer.resblocks.$1.ln_$2'],
      [/^text_model\.encoder\.layers\.(\d+)\.mlp\.fc1/, 'transformer.resblocks.$1.mlp.c_fc'],
      [/^text_model\.encoder\.layers\.(\d+)\.mlp\.fc2/, 'transformer.resblocks.$1.mlp.c_proj'],
      [/^text_model\.encoder\.layers\.(\d+)\.self_attn\.out_proj/, 'transformer.resblocks.$1.attn.out_proj'],
      [/^text_model\.encoder\.layers\.(\d+)\.self_attn\.([qkv])_proj/, 'layer.$1.$2'],
    ],
  });
  const result: Record<string, Tensors[string]> = {};
  for (const [name, tensor] of Object.entries(original)) if (!name.startsWith('layer.')) result[name] = tensor;
  for (let i = 0; i < layers; i++)
    for (const kind of ['weight', 'bias'])
      result[`transformer.resblocks.${i}.attn.in_proj_${kind}`] = stacked(
        qkv.map((x) => original[`layer.${i}.${x}.${kind}`]!),
      );
  const projection = tensors['text_projection.weight'];
  if (projection !== undefined) result.text_projection = turned(projection);
  if (extraLayer)
    for (const [name, tensor] of Object.entries(result))
      if (name.startsWith(`transformer.resblocks.${layers - 1}.`))
        result[name.replace(`.${layers - 1}.`, `.${layers}.`)] = tensor;
  return result;
}
