import type { JsonObject } from '../convert/component-kinds.js';
import { countOf, has, sizeAt, type Entries } from './shapes.js';

const MIDDLE: readonly (readonly [original: string, now: string])[] = [
  ['.mid.block_1.', '.mid_block.resnets.0.'],
  ['.mid.block_2.', '.mid_block.resnets.1.'],
  ['.mid.attn_1.norm.', '.mid_block.attentions.0.group_norm.'],
  ['.mid.attn_1.q.', '.mid_block.attentions.0.to_q.'],
  ['.mid.attn_1.k.', '.mid_block.attentions.0.to_k.'],
  ['.mid.attn_1.v.', '.mid_block.attentions.0.to_v.'],
  ['.mid.attn_1.proj_out.', '.mid_block.attentions.0.to_out.0.'],
  ['.norm_out.', '.conv_norm_out.'],
  ['.nin_shortcut.', '.conv_shortcut.'],
];

function renamed(name: string, resolutions: number): string {
  const fixed = MIDDLE.reduce((sofar, [original, now]) => sofar.replace(original, now), name);
  return fixed
    .replace(/^encoder\.down\.(\d+)\.block\./, 'encoder.down_blocks.$1.resnets.')
    .replace(/^encoder\.down\.(\d+)\.downsample\./, 'encoder.down_blocks.$1.downsamplers.0.')
    .replace(/^decoder\.up\.(\d+)\.(block|upsample)\./, (_, level: string, kind: string) => {
      // Counted from the finest resolution there, from the coarsest here.
      const block = resolutions - 1 - Number(level);
      return `decoder.up_blocks.${block}.${kind === 'block' ? 'resnets' : 'upsamplers.0'}.`;
    });
}

/** Our names of an autoencoder's tensors in the naming of the latent-diffusion repository (Rombach et al. 2022): ours → original. */
export function autoencoderNames(entries: Entries): ReadonlyMap<string, string> {
  const resolutions = countOf(entries, 'encoder.down.*.');
  return new Map([...entries.keys()].map((name) => [renamed(name, resolutions), name]));
}

/** What a family says of its latents, which no shape tells. */
export interface LatentScaling {
  readonly scaling_factor: number;
  readonly shift_factor?: number;
}

/** The config of diffusers' AutoencoderKL that the shapes of an original checkpoint tell. */
export function autoencoderConfig(entries: Entries, scaling: LatentScaling): JsonObject {
  const channels = Array.from({ length: countOf(entries, 'encoder.down.*.') }, (_, i) =>
    sizeAt(entries, `encoder.down.${i}.block.0.conv1.weight`, 0),
  );
  return {
    _class_name: 'AutoencoderKL',
    in_channels: sizeAt(entries, 'encoder.conv_in.weight', 1),
    out_channels: sizeAt(entries, 'decoder.conv_out.weight', 0),
    latent_channels: sizeAt(entries, 'decoder.conv_in.weight', 1),
    block_out_channels: channels,
    down_block_types: channels.map(() => 'DownEncoderBlock2D'),
    up_block_types: channels.map(() => 'UpDecoderBlock2D'),
    layers_per_block: countOf(entries, 'encoder.down.0.block.*.'),
    use_quant_conv: has(entries, 'quant_conv.'),
    use_post_quant_conv: has(entries, 'post_quant_conv.'),
    ...scaling,
  };
}
