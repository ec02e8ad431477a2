import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.js';
import { LascauxError, check } from '../errors.js';
import { toFloat16 } from '../float16.js';
import type { Program } from '../program/program.js';
import { parametersOf } from '../program/scope.js';
import { sameShape } from '../program/shape.js';
import { readSafetensorsHeader, writeSafetensors } from '../safetensors/index.js';
import type { SafetensorsTensor } from '../safetensors/index.js';
import { encodeModel } from './model.js';
import type { StoredParameter } from './program-graph.js';
import { programGraph } from './program-graph.js';

/** Files of `writeComponent`. */
export interface ComponentOptions {
  /** The traced network; its parameters become constants, its other inputs stay inputs. */
  readonly program: Program;
  /** The component's static description, written as `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Weights by name. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Element type on disk; `F16` halves the file and is cast once, when the runtime loads it. Default `F32`. */
  readonly dtype?: 'F32' | 'F16';
  /** Name of the weights file; default `diffusion_pytorch_model.safetensors`, diffusers' name. */
  readonly weightsFile?: string;
}

/**
 * Writes a model component as a folder: `config.json`, the weights as safetensors, and a small `model.onnx` whose constants point into
 * that very file.
 * @throws {LascauxError} when a weight is missing or the folder cannot be written
 */
export async function writeComponent(
  directory: string,
  { program, config, weights, dtype = 'F32', weightsFile = 'diffusion_pytorch_model.safetensors' }: ComponentOptions,
): Promise<void> {
  const tensors: Record<string, SafetensorsTensor> = {};
  for (const { name, shape } of parametersOf(program)) {
    const data = weights.get(name);
    if (data === undefined) throw new LascauxError({ operation: directory, rule: 'a weight is missing', value: name });
    tensors[name] = { dtype, shape, data: dtype === 'F16' ? toFloat16(data) : data };
  }
  await mkdir(directory, { recursive: true });
  await writeSafetensors(join(directory, weightsFile), tensors, { format: 'pt' });
  await writeGraph(directory, { program, weightsFile });
  await writeFileAtomically(join(directory, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
}

/**
 * Writes `model.onnx`, the graph of a program, beside a safetensors file that is there already. Parameters are cast from F16 where the file
 * has them so; tensors that the program does not name are left alone.
 * @throws {LascauxError} when the file lacks a parameter or has it in another shape or element type
 */
export async function writeGraph(
  directory: string,
  { program, weightsFile }: { readonly program: Program; readonly weightsFile: string },
): Promise<void> {
  const path = join(directory, weightsFile);
  const { entries } = await readSafetensorsHeader(path);
  const stored = new Map<string, StoredParameter>();
  for (const { name, shape } of parametersOf(program)) {
    const entry = entries.get(name);
    if (entry === undefined) throw new LascauxError({ operation: path, rule: 'a weight is missing', value: name });
    const { offset, length, dtype } = entry;
    check((dtype === 'F32' || dtype === 'F16') && sameShape(entry.shape, shape), {
      operation: path,
      rule: `${name} must be [${shape.join(', ')}] in F32 or F16`,
      value: `[${entry.shape.join(', ')}] in ${dtype}`,
    });
    const source = { file: weightsFile, offset, length };
    stored.set(name, { dtype: dtype === 'F16' ? 'float16' : 'float32', source });
  }
  await writeFileAtomically(
    join(directory, 'model.onnx'),
    encodeModel(programGraph(program, { stored, fusesAttention: true })),
  );
}
