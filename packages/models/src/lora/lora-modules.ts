import { ENDS, RESNET } from '../single-file/unet-names.js';

/** Components that a LoRA changes, by the first part of its names. */
const PREFIXES: readonly (readonly [prefix: string, component: string])[] = [
  ['lora_unet_', 'denoiser'],
  ['lora_transformer_', 'denoiser'],
  ['lora_te1_', 'text_encoder'],
  ['lora_te2_', 'text_encoder_2'],
  ['lora_te3_', 'text_encoder_3'],
  ['lora_te_', 'text_encoder'],
  ['unet.', 'denoiser'],
  ['transformer.', 'denoiser'],
  ['diffusion_model.', 'denoiser'],
  ['text_encoder_2.', 'text_encoder_2'],
  ['text_encoder.', 'text_encoder'],
  ['base_model.model.', 'denoiser'],
];

/** Parameter names of each component, such as `denoiser` and `text_encoder`. */
export type ParameterNames = Readonly<Record<string, readonly string[]>>;

/** A weight that a layer of a LoRA is added to. */
export interface LoraTarget {
  readonly component: string;
  readonly parameter: string;
}

/** The latent-diffusion repository's name of a UNet's parameter, which LoRAs of SDXL are often named by. */
function originalName(name: string, layers: number, attends: (block: string) => boolean): string {
  const end = ENDS.find(([, now]) => name.startsWith(now));
  if (end !== undefined) return end[0] + name.slice(end[1].length);
  const resnet = (rest: string): string => {
    const inside = RESNET.find(([, now]) => rest.startsWith(now));
    return inside === undefined ? rest : inside[0] + rest.slice(inside[1].length);
  };
  const middle = /^mid_block\.(resnets|attentions)\.(\d)\.(.*)$/.exec(name);
  if (middle !== null) {
    const [, kind, index, rest = ''] = middle;
    return kind === 'attentions' ? `middle_block.1.${rest}` : `middle_block.${2 * Number(index)}.${resnet(rest)}`;
  }
  const block = /^(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.*)$/.exec(name);
  if (block === null) return name;
  const [, side, number, kind, index, rest = ''] = block;
  const first = Number(number) * (layers + 1) + (side === 'down' ? 1 : 0);
  const blocks = side === 'down' ? 'input_blocks' : 'output_blocks';
  if (kind === 'downsamplers') return `${blocks}.${first + layers}.0.op.${rest.replace('conv.', '')}`;
  if (kind === 'upsamplers') return `${blocks}.${first + layers}.${attends(`up_blocks.${number!}.`) ? 2 : 1}.${rest}`;
  const place = `${blocks}.${first + Number(index)}`;
  return kind === 'resnets' ? `${place}.0.${resnet(rest)}` : `${place}.1.${rest}`;
}

const withoutWeight = (name: string): string => name.replace(/\.weight$/, '');
/** Dots and underscores are one: kohya's names have the second only. */
const flat = (name: string): string => name.replaceAll('.', '_');
/** Older diffusers named the processors of attention instead of its layers. */
const layerName = (name: string): string =>
  name.replace('.processor.', '.').replace(/\.to_out$/, '.to_out.0');

function keysOf(names: readonly string[], component: string): ReadonlyMap<string, string> {
  const weights = names.filter((name) => name.endsWith('.weight'));
  const keys = new Map(weights.map((name) => [flat(withoutWeight(name)), name]));
  if (component !== 'denoiser') return keys;
  const layers = new Set(weights.flatMap((name) => /^down_blocks\.0\.resnets\.(\d+)\./.exec(name)?.[1] ?? [])).size;
  const attends = (block: string): boolean => weights.some((name) => name.startsWith(`${block}attentions.`));
  for (const name of weights) {
    const key = flat(withoutWeight(originalName(name, layers, attends)));
    if (!keys.has(key)) keys.set(key, name);
  }
  return keys;
}

/** Finds the weights that layers of a LoRA are meant for; undefined where the model has none of that name. */
export function loraTargets(parameters: ParameterNames): (module: string) => LoraTarget | undefined {
  const keys = new Map(Object.entries(parameters).map(([component, names]) => [component, keysOf(names, component)]));
  return (module) => {
    for (const [prefix, component] of PREFIXES) {
      if (!module.startsWith(prefix)) continue;
      const rest = module.slice(prefix.length).replace(/^model\./, '');
      const parameter = keys.get(component)?.get(flat(layerName(rest)));
      if (parameter !== undefined) return { component, parameter };
    }
    return undefined;
  };
}
