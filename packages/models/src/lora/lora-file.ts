import { check, LascauxError, type SafetensorsTensor, type WeightsFile } from '@lascaux/nn';
import { castWeight } from '../convert/element-type.js';
import { openWeightsFile } from '../convert/find-weights.js';

/** A matrix, or a convolution's filters with their axes after the first two joined. */
export interface Matrix {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a LoRA adds to one layer's weights: alpha / rank · up · down (Hu et al. 2021, section 4.1). */
export interface LoraLayer {
  /** Name of the layer as the file has it. */
  readonly module: string;
  /** [rank, in, …kernel] */
  readonly down: Matrix;
  /** [out, rank, …1] */
  readonly up: Matrix;
  /** alpha / rank; 1 where the file says no alpha. */
  readonly scale: number;
  /** The lengths that rows, [out, 1], or columns, [1, in], get after the sum (Liu et al. 2024, "DoRA"). */
  readonly magnitude?: Matrix;
}

/** A LoRA, read whole. */
export interface LoraFile {
  readonly path: string;
  readonly layers: readonly LoraLayer[];
}

/** Last parts of names, as kohya's scripts, PEFT and older diffusers write them. */
const SUFFIXES: readonly (readonly [suffix: RegExp, role: keyof Pieces])[] = [
  [/\.lora_down\.weight$|\.lora_A(\.default)?\.weight$|\.lora(_linear_layer)?\.down\.weight$|_lora\.down\.weight$/, 'down'],
  [/\.lora_up\.weight$|\.lora_B(\.default)?\.weight$|\.lora(_linear_layer)?\.up\.weight$|_lora\.up\.weight$/, 'up'],
  [/\.alpha$/, 'alpha'],
  [/\.dora_scale$|\.lora_magnitude_vector(\.default)?(\.weight)?$/, 'magnitude'],
];

interface Pieces {
  down?: string;
  up?: string;
  alpha?: string;
  magnitude?: string;
}

/** Low ranks that no layer of an image model reaches. */
const LARGEST_RANK = 4096;
const ACCEPTED = ["kohya's names (lora_down, lora_up, alpha, dora_scale)", "PEFT's (lora_A, lora_B)", "older diffusers' (lora.down, lora.up)"];

function piecesOf(file: WeightsFile): ReadonlyMap<string, Pieces> {
  const modules = new Map<string, Pieces>();
  for (const name of file.entries.keys()) {
    const found = SUFFIXES.find(([suffix]) => suffix.test(name));
    if (found === undefined)
      throw new LascauxError({
        operation: file.path,
        rule: 'holds a tensor that belongs to no LoRA of the known forms',
        value: name,
        accepted: ACCEPTED,
        kind: 'usage',
      });
    const module = name.replace(found[0], '');
    modules.set(module, { ...modules.get(module), [found[1]]: name });
  }
  return modules;
}

function matrixOf(path: string, name: string, tensor: SafetensorsTensor): Matrix {
  const values = castWeight(tensor, 'F32', `${path}: ${name}`) as Float32Array;
  check(values.every(Number.isFinite), { operation: path, rule: 'every number must be finite', value: name });
  return { shape: tensor.shape, values };
}

async function layerOf(file: WeightsFile, module: string, pieces: Pieces): Promise<LoraLayer> {
  const { path } = file;
  const { down: downName, up: upName } = pieces;
  if (downName === undefined || upName === undefined)
    throw new LascauxError({ operation: path, rule: 'a layer lacks one of its two matrices', value: module });
  const read = async (name: string): Promise<Matrix> => matrixOf(path, name, await file.read(name));
  const [down, up] = [await read(downName), await read(upName)];
  const rank = down.shape[0] ?? 0;
  check(rank > 0 && rank <= LARGEST_RANK && up.shape[1] === rank, {
    operation: path,
    rule: `the matrices of ${module} must meet in a rank from 1 to ${LARGEST_RANK}`,
    value: `[${up.shape.join(', ')}] and [${down.shape.join(', ')}]`,
  });
  check(up.shape.slice(2).every((size) => size === 1), {
    operation: path,
    rule: `the second convolution of ${module} must be 1×1`,
    value: `[${up.shape.join(', ')}]`,
  });
  const alpha = pieces.alpha === undefined ? rank : ((await read(pieces.alpha)).values[0] ?? rank);
  const magnitude = pieces.magnitude === undefined ? {} : { magnitude: await read(pieces.magnitude) };
  return { module, down, up, scale: alpha / rank, ...magnitude };
}

/**
 * Reads a LoRA.
 * @throws {LascauxError} naming the file and the tensor that is damaged, not finite, or of another kind of adapter
 */
export async function readLora(path: string): Promise<LoraFile> {
  const file = await openWeightsFile(path);
  try {
    const layers: LoraLayer[] = [];
    for (const [module, pieces] of piecesOf(file)) layers.push(await layerOf(file, module, pieces));
    return { path, layers };
  } finally {
    await file.close();
  }
}
