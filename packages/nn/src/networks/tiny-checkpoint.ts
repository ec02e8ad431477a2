import { check } from '../errors.js';
import type { AutoencoderTinyConfig } from './tiny-autoencoder-config.js';
import { autoencoderTinyConfig } from './tiny-autoencoder-config.js';

/** Shapes of a checkpoint's tensors by their names. */
type Shapes = ReadonlyMap<string, readonly number[]>;

/** Tensors of a weights file of a tiny autoencoder, or of its encoder or decoder alone. */
export interface TinyCheckpoint {
  /** Name in the file by the name that diffusers' AutoencoderTiny has for it. */
  readonly names: ReadonlyMap<string, string>;
  /** Shape by diffusers' name. */
  readonly shapes: Shapes;
}

type Part = 'encoder' | 'decoder';

/** `encoder.layers.3.conv.0.weight` (diffusers), `3.conv.0.weight` (taesd's own files), `taesd_decoder.3.conv.0.weight` (ComfyUI). */
const layerName = /^(?:(?:taesd_)?(encoder|decoder)\.)?(?:layers\.)?(\d+)\.((?:(?:conv|pool)\.\d+\.)?(?:weight|bias))$/;

interface Layer {
  readonly name: string;
  readonly part: Part | undefined;
  readonly index: number;
  readonly rest: string;
}

function layerOf(name: string): Layer | undefined {
  const [, part, index, rest] = layerName.exec(name) ?? [];
  return index === undefined ? undefined : { name, part: part as Part | undefined, index: Number(index), rest: rest! };
}

/**
 * Reads the names of a tiny autoencoder's weights. In taesd's own files the halves lie apart, without a prefix, and the decoder counts
 * from 1, because bounding the latent has a place of its own.
 * @returns undefined when the tensors are not those of a tiny autoencoder
 */
export function tinyCheckpoint(shapes: Shapes): TinyCheckpoint | undefined {
  const layers = [...shapes.keys()].map(layerOf);
  if (layers.length === 0 || !layers.every((layer) => layer !== undefined)) return undefined;
  const least = (of: readonly Layer[]): number =>
    of.reduce((smallest, { index }) => Math.min(smallest, index), Infinity);
  const bare: Part = least(layers.filter(({ part }) => part === undefined)) === 0 ? 'encoder' : 'decoder';
  const partOf = ({ part = bare }: Layer): Part => part;
  const offset = least(layers.filter((layer) => partOf(layer) === 'decoder'));
  const names = new Map(
    layers.map((layer) => {
      const part = partOf(layer);
      return [`${part}.layers.${layer.index - (part === 'decoder' ? offset : 0)}.${layer.rest}`, layer.name] as const;
    }),
  );
  return { names, shapes: new Map([...names].map(([ours, name]) => [ours, shapes.get(name)!])) };
}

/** Config values of the encoder or decoder, read off the shapes of its layers. */
interface Half {
  /** Channels of its input, its layers and its output. */
  readonly input: number;
  readonly width: number;
  readonly output: number;
  /** Blocks of each stage. */
  readonly blocks: readonly number[];
}

const last = (half: Shapes): number => Math.max(...[...half.keys()].map((name) => Number(name.split('.')[0])));

function readHalf(part: Part, shapes: Shapes): Half | undefined {
  const prefix = `${part}.layers.`;
  const half = new Map(
    [...shapes].flatMap(([name, shape]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), shape]] : [])),
  );
  if (half.size === 0) return undefined;
  const weight = (index: number): readonly number[] | undefined => half.get(`${index}.weight`);
  const end = last(half);
  const [width = 0, input = 0] = weight(0) ?? [];
  const [output = 0] = weight(end) ?? [];
  check(width > 0 && output > 0, {
    operation: 'tiny autoencoder',
    rule: 'must begin and end with a convolution',
    value: `${prefix}0 to ${end}`,
  });
  const blocks = [0];
  for (let index = 1; index < end; index++) {
    if (half.has(`${index}.conv.0.weight`)) blocks[blocks.length - 1]! += 1;
    else if (weight(index) !== undefined) {
      checkBetween(`${prefix}${index}`, { hasBias: half.has(`${index}.bias`), shape: weight(index)!, width });
      blocks.push(0);
    }
  }
  return { input, width, output, blocks };
}

/** taesana changes resolution and width in other layers; no config of diffusers' class says so. */
function checkBetween(
  name: string,
  { hasBias, shape, width }: { hasBias: boolean; shape: readonly number[]; width: number },
): void {
  check(!hasBias && shape[0] === width && shape[1] === width, {
    operation: 'tiny autoencoder',
    rule: `convolutions between blocks must be of ${width} channels without a bias`,
    value: `${name}: [${shape.join(', ')}]${hasBias ? ' with a bias' : ''}`,
    accepted: ['taesd', 'taesdxl', 'taesd3', 'taef1', 'taef2'],
  });
}

/**
 * The config of the network that a checkpoint holds, read off its shapes; a half that is absent is taken to mirror the other.
 * @param shapes by diffusers' names
 * @throws {LascauxError} when the layers are not those of a tiny autoencoder
 */
export function tinyConfigOf(shapes: Shapes): AutoencoderTinyConfig {
  const [encoder, decoder] = [readHalf('encoder', shapes), readHalf('decoder', shapes)];
  const mirrored = (half: Half): Half => ({
    ...half,
    input: half.output,
    output: half.input,
    blocks: [...half.blocks].reverse(),
  });
  const first = encoder ?? mirrored(decoder!);
  const second = decoder ?? mirrored(encoder!);
  const wide = ({ width, blocks }: Half): number[] => blocks.map(() => width);
  return autoencoderTinyConfig({
    in_channels: first.input,
    out_channels: second.output,
    latent_channels: second.input,
    encoder_block_out_channels: wide(first),
    decoder_block_out_channels: wide(second),
    block_out_channels: wide(second),
    num_encoder_blocks: first.blocks,
    num_decoder_blocks: second.blocks,
    use_midblock_gn: [...shapes.keys()].some((name) => name.includes('.pool.')),
  });
}
