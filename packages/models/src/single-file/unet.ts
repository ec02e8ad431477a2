import type { JsonObject } from '../convert/component-kinds.js';
import { countOf, has, sizeAt, type Entries } from './shapes.js';
import { ENDS, RESNET } from './unet-names.js';

/** A module of the original numbering, and its place in diffusers'. */
interface Place {
  readonly original: string;
  readonly now: string;
  readonly isResnet: boolean;
}

interface Layout {
  readonly places: readonly Place[];
  /** Channels of each resolution. */
  readonly channels: readonly number[];
  readonly layers: number;
  /** Transformer blocks in an attention of each resolution; 0 where it has none. */
  readonly depths: readonly number[];
}

const resnet = (original: string, now: string): Place => ({ original, now, isResnet: true });
const other = (original: string, now: string): Place => ({ original, now, isResnet: false });

/** The blocks on the way down, from their numbering: resolutions end in a convolution with stride. */
function downLayout(entries: Entries): Layout {
  const places: Place[] = [];
  const channels: number[] = [];
  const depths: number[] = [];
  const count = countOf(entries, 'input_blocks.*.');
  let [block, layer, layers] = [0, 0, 0];
  for (let i = 1; i < count; i++) {
    const name = `input_blocks.${i}`;
    if (has(entries, `${name}.0.op.`)) {
      places.push(other(`${name}.0.op.`, `down_blocks.${block}.downsamplers.0.conv.`));
      [block, layer] = [block + 1, 0];
      continue;
    }
    places.push(resnet(`${name}.0.`, `down_blocks.${block}.resnets.${layer}.`));
    const depth = countOf(entries, `${name}.1.transformer_blocks.*.`);
    if (depth > 0) places.push(other(`${name}.1.`, `down_blocks.${block}.attentions.${layer}.`));
    channels[block] = sizeAt(entries, `${name}.0.out_layers.3.weight`, 0);
    depths[block] = depth;
    layer += 1;
    layers = Math.max(layers, layer);
  }
  return { places, channels, layers, depths };
}

/** The blocks on the way up, one layer more in each. */
function upPlaces(entries: Entries, layers: number): readonly Place[] {
  const each = layers + 1;
  return Array.from({ length: countOf(entries, 'output_blocks.*.') }, (_, i) => {
    const [name, block, layer] = [`output_blocks.${i}`, Math.floor(i / each), i % each];
    const second = has(entries, `${name}.1.conv.`)
      ? [other(`${name}.1.conv.`, `up_blocks.${block}.upsamplers.0.conv.`)]
      : [other(`${name}.1.`, `up_blocks.${block}.attentions.${layer}.`)];
    return [
      resnet(`${name}.0.`, `up_blocks.${block}.resnets.${layer}.`),
      ...second,
      other(`${name}.2.conv.`, `up_blocks.${block}.upsamplers.0.conv.`),
    ];
  }).flat();
}

const middle: readonly Place[] = [
  resnet('middle_block.0.', 'mid_block.resnets.0.'),
  other('middle_block.1.', 'mid_block.attentions.0.'),
  resnet('middle_block.2.', 'mid_block.resnets.1.'),
];

function renamed(name: string, places: readonly Place[]): string {
  const end = ENDS.find(([original]) => name.startsWith(original));
  if (end !== undefined) return end[1] + name.slice(end[0].length);
  const place = places.find(({ original }) => name.startsWith(original));
  if (place === undefined) return name;
  const rest = name.slice(place.original.length);
  const inside = place.isResnet ? RESNET.find(([original]) => rest.startsWith(original)) : undefined;
  return place.now + (inside === undefined ? rest : inside[1] + rest.slice(inside[0].length));
}

/** Our names of a UNet's tensors in the numbering of the latent-diffusion repository (Rombach et al. 2022): ours → original. */
export function unetNames(entries: Entries): ReadonlyMap<string, string> {
  const { places, layers } = downLayout(entries);
  const all = [...places, ...middle, ...upPlaces(entries, layers)];
  return new Map([...entries.keys()].map((name) => [renamed(name, all), name]));
}

/** Width of a head where a family does not fix the number of heads. */
const HEAD = 64;
/** Heads in each attention of Stable Diffusion 1, whose projections are 1×1 convolutions. */
const HEADS_OF_SD1 = 8;

/** The config of diffusers' UNet2DConditionModel that the shapes of an original checkpoint tell. */
export function unetConfig(entries: Entries): JsonObject {
  const { channels, layers, depths } = downLayout(entries);
  const crosses = depths.map((depth) => depth > 0);
  const attention = [...entries].find(([name]) => name.endsWith('.attn2.to_k.weight'));
  const projection = [...entries].find(([name]) => name.endsWith('.proj_in.weight'));
  const isLinear = projection?.[1].shape.length === 2;
  const added = entries.get('label_emb.0.0.weight');
  const deepest = countOf(entries, 'middle_block.1.transformer_blocks.*.');
  return {
    _class_name: 'UNet2DConditionModel',
    in_channels: sizeAt(entries, 'input_blocks.0.0.weight', 1),
    out_channels: sizeAt(entries, 'out.2.weight', 0),
    block_out_channels: channels,
    layers_per_block: layers,
    down_block_types: crosses.map((cross) => (cross ? 'CrossAttnDownBlock2D' : 'DownBlock2D')),
    up_block_types: [...crosses].reverse().map((cross) => (cross ? 'CrossAttnUpBlock2D' : 'UpBlock2D')),
    // A resolution without attention has an entry all the same; the last one is the middle's.
    transformer_layers_per_block: depths.map((depth, i) =>
      i === depths.length - 1 ? deepest : Math.max(depth, 1),
    ),
    attention_head_dim: isLinear ? channels.map((width) => width / HEAD) : HEADS_OF_SD1,
    cross_attention_dim: attention?.[1].shape[1] ?? 768,
    use_linear_projection: isLinear,
    ...(added === undefined
      ? {}
      : {
          addition_embed_type: 'text_time',
          addition_time_embed_dim: 256,
          projection_class_embeddings_input_dim: added.shape[1],
        }),
  };
}
