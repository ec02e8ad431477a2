import { LascauxError } from '../errors.js';
import type { Program } from '../program/program.js';
import type { TensorType } from '../program/shape-rules.js';
import { emit } from './emissions.js';
import type { GraphTarget, GraphTensor } from './graph-builder.js';
import { GraphBuilder } from './graph-builder.js';
import type { DType } from '../program/shape.js';
import type { InitializerSource, OnnxGraph } from './model.js';
import { onnxTypes } from './model.js';

/** Where a parameter is stored, when it is to be a constant of the graph instead of an input. */
export interface StoredParameter {
  /** The dtype on disk; anything but float32 is cast where it is used, which the runtime folds when it loads. */
  readonly dtype: DType;
  readonly source: InitializerSource;
}

/** Options of `programGraph`. */
export interface ProgramGraphOptions extends GraphTarget {
  /** Parameters that become constants; the others stay inputs of the graph. */
  readonly stored?: ReadonlyMap<string, StoredParameter>;
}

/**
 * Writes a program as an ONNX graph.
 * @throws {LascauxError} when the program uses a value before it is made
 */
export function programGraph(program: Program, { stored = new Map(), ...target }: ProgramGraphOptions = {}): OnnxGraph {
  const graph = new GraphBuilder(target);
  const tensors = new Map<number, GraphTensor>();
  const define = (id: number, name: string, { shape, dtype }: TensorType): void => {
    const tensor = { name, shape, dtype };
    tensors.set(id, tensor);
    graph.witness(tensor);
  };
  const tensorOf = (id: number): GraphTensor => {
    const tensor = tensors.get(id);
    if (tensor === undefined)
      throw new LascauxError({ operation: 'onnx', rule: 'a value is used before it is made', value: id });
    return tensor;
  };

  for (const input of program.inputs) {
    const constant = input.parameter === undefined ? undefined : stored.get(input.parameter.name);
    if (constant === undefined || input.parameter === undefined) {
      define(input.id, input.name, input);
      continue;
    }
    graph.initializer({
      name: input.name,
      dtype: constant.dtype,
      shape: input.parameter.shape,
      source: constant.source,
    });
    define(
      input.id,
      constant.dtype === input.dtype ? input.name : graph.node('Cast', [input.name], { to: onnxTypes[input.dtype] }),
      input,
    );
  }
  for (const operation of program.operations) {
    const output = program.types.get(operation.output) as TensorType;
    const inputs = operation.inputs.map(tensorOf);
    define(operation.output, emit(operation.primitive, { graph, inputs, attributes: operation.attributes }), output);
  }
  const inputs = program.inputs.filter((input) => input.parameter === undefined || !stored.has(input.parameter.name));
  return graph.finish(
    inputs.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
    program.outputs.map(({ name, id }) => ({ name, tensor: tensorOf(id) })),
  );
}
