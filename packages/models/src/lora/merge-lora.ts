import { constants } from 'node:buffer';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  check,
  fromFloat16,
  LascauxError,
  readSafetensorsHeader,
  sizeOf,
  toFloat16,
  type SafetensorsEntry,
} from '@lascaux/nn';
import { openRowProducts, type RowProducts } from '@lascaux/nn/onnx';
import { readLora, type LoraFile, type LoraLayer, type Matrix } from './lora-file.js';
import { loraTargets } from './lora-modules.js';

/** A LoRA to be added to a model. */
export interface LoraChoice {
  /** A safetensors or PyTorch file. */
  readonly path: string;
  /** Factor of what it adds; default 1. */
  readonly strength?: number;
}

/** Weights that stand in for a file beside a graph while a session is opened. */
export interface ReplacedWeights {
  /** Name of the file, as the graph has it. */
  readonly path: string;
  readonly data: Uint8Array;
}

interface WeightsOfComponent {
  readonly folder: string;
  readonly file: string;
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
}

async function weightsOf(folder: string): Promise<WeightsOfComponent> {
  const [file, ...more] = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'));
  if (file === undefined || more.length > 0)
    throw new LascauxError({
      operation: folder,
      rule: 'must keep its weights in one safetensors file for a LoRA to be added, as models made by `convertModel` do',
      kind: 'usage',
    });
  return { folder, file, entries: (await readSafetensorsHeader(join(folder, file))).entries };
}

/** A layer of a LoRA with the factor that it is added by. */
interface Addition {
  readonly layer: LoraLayer;
  readonly strength: number;
  readonly path: string;
}

const lengthOf = (row: Float32Array): number => Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));

/** Gives the rows [out, 1] or columns [1, in] of a matrix their lengths. */
function withLengths(values: Float32Array, columns: number, { shape, values: wanted }: NonNullable<LoraLayer['magnitude']>): Float32Array {
  const rows = values.length / columns;
  const byRow = shape[0] === rows && wanted.length === rows;
  const result = values.slice();
  const count = byRow ? rows : columns;
  for (let i = 0; i < count; i++) {
    const line = byRow
      ? values.subarray(i * columns, (i + 1) * columns)
      : Float32Array.from({ length: rows }, (_, k) => values[k * columns + i]!);
    const factor = wanted[i]! / Math.max(lengthOf(line), 1e-12);
    for (let k = 0; k < line.length; k++) result[byRow ? i * columns + k : k * columns + i] = factor * line[k]!;
  }
  return result;
}

/** Rows of a matrix as columns. */
function turned(values: Float32Array, columns: number): Float32Array {
  const rows = values.length / columns;
  const result = new Float32Array(values.length);
  for (let i = 0; i < rows; i++) for (let k = 0; k < columns; k++) result[k * rows + i] = values[i * columns + k]!;
  return result;
}

/** Adds a layer's product to a weight, [out, in, …kernel]. */
async function added(
  products: RowProducts,
  { values: weight, shape }: Matrix,
  { layer, strength, path }: Addition,
): Promise<Float32Array> {
  const { up, down, scale, module, magnitude } = layer;
  const [rows = 0, rank = 0] = up.shape;
  const columns = weight.length / (shape[0] ?? 1);
  check(rows === shape[0] && sizeOf(down.shape.slice(1)) === columns, {
    operation: path,
    rule: `${module} must fit weights of [${shape.join(', ')}]`,
    value: `[${up.shape.join(', ')}] and [${down.shape.join(', ')}]`,
    kind: 'usage',
  });
  const product = await products.multiply(up.values, turned(down.values, columns), rank);
  if (magnitude === undefined) return weight.map((value, i) => value + strength * scale * product[i]!);
  check(magnitude.values.length === rows || magnitude.values.length === columns, {
    operation: path,
    rule: `the lengths of ${module} must be ${rows} or ${columns}`,
    value: magnitude.values.length,
  });
  const whole = withLengths(weight.map((value, i) => value + scale * product[i]!), columns, magnitude);
  return weight.map((value, i) => value + strength * (whole[i]! - value));
}

function read(bytes: Buffer, { dtype, offset, length }: SafetensorsEntry, name: string): Float32Array {
  const part = bytes.buffer.slice(bytes.byteOffset + offset, bytes.byteOffset + offset + length);
  if (dtype === 'F32') return new Float32Array(part);
  if (dtype === 'F16') return fromFloat16(new Uint16Array(part));
  throw new LascauxError({ operation: name, rule: 'must be F32 or F16 for a LoRA to be added', value: dtype });
}

function write(bytes: Buffer, { dtype, offset }: SafetensorsEntry, values: Float32Array): void {
  const stored = dtype === 'F16' ? toFloat16(values) : values;
  bytes.set(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength), offset);
}

/** The bytes of a component's weights with all that is added to them. */
async function merged(
  products: RowProducts,
  { folder, file, entries }: WeightsOfComponent,
  additions: ReadonlyMap<string, readonly Addition[]>,
): Promise<ReplacedWeights> {
  const path = join(folder, file);
  const { size } = await stat(path);
  check(size <= constants.MAX_LENGTH, {
    operation: path,
    rule: `weights of at most ${constants.MAX_LENGTH} bytes fit into memory with this Node.js; half precision or a newer Node.js may help`,
    value: `${size} bytes`,
  });
  const bytes = await readFile(path);
  for (const [name, parts] of additions) {
    const entry = entries.get(name)!;
    let values = read(bytes, entry, name);
    for (const part of parts) values = await added(products, { values, shape: entry.shape }, part);
    write(bytes, entry, values);
  }
  return { path: file, data: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** Adds the layers of a file to what their weights get. @throws {LascauxError} naming a layer that the model does not have */
function collect(
  { path, layers }: LoraFile,
  strength: number,
  { targetOf, additions }: { targetOf: ReturnType<typeof loraTargets>; additions: Map<string, Map<string, Addition[]>> },
): void {
  for (const layer of layers) {
    const target = targetOf(layer.module);
    if (target === undefined)
      throw new LascauxError({
        operation: path,
        rule: 'is for another model: this one has no layer of that name',
        value: layer.module,
        kind: 'usage',
      });
    const component = additions.get(target.component) ?? new Map<string, Addition[]>();
    additions.set(target.component, component);
    component.set(target.parameter, [...(component.get(target.parameter) ?? []), { layer, strength, path }]);
  }
}

/**
 * The weights of a model's components with LoRAs added: for each component that changes, what is to be handed to the session that opens its
 * graph. Nothing is written to disk. Source: Hu et al. 2021; diffusers' `fuse_lora`. Why: docs/decisions/0160.
 * @param folders of the components by name: `denoiser`, `text_encoder`, `text_encoder_2` …
 * @throws {LascauxError} naming the file and the layer that does not fit, is damaged or not finite
 */
export async function mergeLoras(
  loras: readonly LoraChoice[],
  folders: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, ReplacedWeights>> {
  if (loras.length === 0) return new Map();
  const weights = new Map<string, WeightsOfComponent>();
  for (const [component, folder] of Object.entries(folders)) weights.set(component, await weightsOf(folder));
  const names = Object.fromEntries([...weights].map(([component, { entries }]) => [component, [...entries.keys()]]));
  const additions = new Map<string, Map<string, Addition[]>>();
  const targetOf = loraTargets(names);
  for (const { path, strength = 1 } of loras) collect(await readLora(path), strength, { targetOf, additions });
  const products = await openRowProducts({ dtype: 'float32' });
  try {
    const replaced = new Map<string, ReplacedWeights>();
    for (const [component, parts] of additions)
      replaced.set(component, await merged(products, weights.get(component)!, parts));
    return replaced;
  } finally {
    await products.dispose();
  }
}
