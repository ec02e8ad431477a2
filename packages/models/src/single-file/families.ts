import { LascauxError } from '@lascaux/nn';
import type { CheckpointFamily, CheckpointHints } from './checkpoint-family.js';
import { flux, stableDiffusion3 } from './flow-families.js';
import { UNET } from './held-networks.js';
import { has, type Entries } from './shapes.js';
import { sdxl, stableDiffusion1, stableDiffusion2 } from './unet-families.js';

const CONTEXT = `${UNET}input_blocks.2.1.transformer_blocks.0.attn2.to_k.weight`;
/** Families whose files are known by one of their keys, in the order of diffusers' `infer_diffusers_model_type`. */
const unsupported: readonly (readonly [key: RegExp, name: string])[] = [
  [/^control_model\.|controlnet_cond_embedding\./, 'a ControlNet'],
  [/^(model\.diffusion_model\.)?single_stream_modulation\.lin\./, 'Flux.2'],
  [/^(model\.diffusion_model\.)?distilled_guidance_layer\./, 'Chroma'],
  [/^(model\.diffusion_model\.)?layers\.0\.adaLN_modulation\./, 'Z-Image'],
  [/\.lora_(down|up|A|B)\./, 'a LoRA'],
  [/^emb_params$|^string_to_param/, 'an embedding'],
];
const SUPPORTED = ['Stable Diffusion 1, 2, 3 and 3.5', 'SDXL', 'Flux.1', 'a tiny autoencoder'];

/**
 * The family of a checkpoint in one file, by the keys that diffusers' `infer_diffusers_model_type` looks for. Why: docs/decisions/0159.
 * @param operation names the file in errors
 * @returns undefined where the file holds no network of these families
 * @throws {LascauxError} naming a family that is known and not supported, or the tensor that a network lacks
 */
export function checkpointFamily(
  entries: Entries,
  operation: string,
  hints: CheckpointHints,
): CheckpointFamily | undefined {
  const names = [...entries.keys()];
  const other = unsupported.find(([key]) => names.some((name) => key.test(name)));
  if (other !== undefined)
    throw new LascauxError({
      operation,
      rule: `is ${other[1]}, which cannot be painted with by itself`,
      accepted: SUPPORTED,
      kind: 'usage',
    });
  if (has(entries, `${UNET}joint_blocks.0.`) || has(entries, 'joint_blocks.0.')) return stableDiffusion3(entries);
  if (has(entries, `${UNET}double_blocks.0.`) || has(entries, 'double_blocks.0.')) return flux(entries);
  if (!has(entries, `${UNET}input_blocks.`)) return undefined;
  if (has(entries, 'conditioner.embedders.')) return sdxl(entries, hints);
  const isSecond = has(entries, 'cond_stage_model.model.') || entries.get(CONTEXT)?.shape.at(-1) === 1024;
  return isSecond ? stableDiffusion2(entries, hints) : stableDiffusion1(entries, hints);
}
