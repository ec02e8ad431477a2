import type { Tensor } from '@tensorflow/tfjs-core';
import type { DeviceTensor, DeviceTensors, Executable } from '../engine.js';
import { LascauxError, check } from '../errors.js';
import type { PrimitiveName } from '../program/primitives.js';
import type { Operation, Program } from '../program/program.js';
import type { TensorType } from '../program/shape-rules.js';
import { sizeOf } from '../program/shape.js';
import type { Tfjs } from './backends.js';
import type { Emission } from './call.js';
import { tfjsEmissions } from './emissions.js';
import { HeldValue } from './held-value.js';
import { lastUses } from './last-uses.js';
import { layoutOf } from './layouts.js';
import { TfjsTensor, tensorOf } from './tensor.js';

type Values = Map<number, HeldValue>;

/** Runs a program call by call on the current tfjs backend; every value is freed after its last use. */
export class TfjsExecutable implements Executable {
  readonly #tf: Tfjs;
  readonly #select: () => void;
  readonly #program: Program;
  readonly #freed: readonly (readonly number[])[];
  /** Literal arrays, made once. */
  readonly #constants: ReadonlyMap<number, Tensor>;

  constructor(program: Program, { tf, select }: { tf: Tfjs; select: () => void }) {
    this.#tf = tf;
    this.#select = select;
    this.#program = program;
    for (const { shape } of program.types.values()) sizeOf(shape);
    this.#freed = lastUses(program);
    select();
    const constants = program.operations.filter(({ primitive }) => primitive === 'constant');
    this.#constants = new Map(
      constants.map((operation) => [operation.output, this.#emit(operation, [], operation.attributes)]),
    );
  }

  run(inputs: DeviceTensors, recycled: DeviceTensors = {}): Promise<DeviceTensors> {
    // Nothing here waits: two runs never mix, and the backend stays the one selected.
    return new Promise((resolve) => {
      this.#select();
      for (const tensor of Object.values(recycled)) tensor.dispose();
      resolve(this.#runNow(inputs));
    });
  }

  #runNow(inputs: DeviceTensors): DeviceTensors {
    const values: Values = new Map(
      [...this.#constants].map(([id, tensor]) => [id, new HeldValue(tensor, { isBorrowed: true })]),
    );
    try {
      for (const { id, name, shape } of this.#program.inputs)
        values.set(id, new HeldValue(tensorOf(name, inputs[name], shape as readonly number[]), { isBorrowed: true }));
      this.#program.operations.forEach((operation, i) => {
        if (operation.primitive !== 'constant') values.set(operation.output, this.#call(operation, values));
        for (const id of this.#freed[i] ?? []) {
          values.get(id)?.dispose();
          values.delete(id);
        }
      });
      return this.#outputs(values);
    } finally {
      for (const value of values.values()) value.dispose();
    }
  }

  #call(operation: Operation, values: Values): HeldValue {
    const operands = operation.inputs.map((id) => {
      const { shape } = this.#type(id);
      return { value: values.get(id) as HeldValue, rank: shape.length, size: sizeOf(shape) };
    });
    const layout = layoutOf(operation, operands);
    const tensors = operands.map(({ value }, i) => value.in(this.#tf, layout.operands[i] ?? 'channelsFirst'));
    return new HeldValue(this.#emit(operation, tensors, layout.attributes), { layout: layout.result });
  }

  /** The emission's own intermediate tensors are freed; an error names the primitive and its shapes. */
  #emit({ primitive, output }: Operation, inputs: readonly Tensor[], attributes: Operation['attributes']): Tensor {
    const [x, y] = inputs as readonly [Tensor, Tensor];
    const shape = this.#type(output).shape as readonly number[];
    const emission = tfjsEmissions[primitive] as Emission<PrimitiveName>;
    try {
      return this.#tf.tidy(() => emission(this.#tf, { x, y, inputs, attributes, shape }));
    } catch (cause) {
      const operands = inputs.map((tensor) => `[${tensor.shape.join(', ')}]`).join(' and ');
      throw new LascauxError({
        operation: primitive,
        rule: `tfjs cannot run it on ${operands}: ${(cause as Error).message}`,
        cause,
      });
    }
  }

  #outputs(values: Values): Record<string, DeviceTensor> {
    return Object.fromEntries(
      this.#program.outputs.map(({ name, id }) => {
        const value = values.get(id);
        check(value !== undefined, { operation: 'run', rule: 'an output has no value', value: name });
        return [name, new TfjsTensor(value.taken(this.#tf), this.#type(id).dtype)];
      }),
    );
  }

  #type(id: number): TensorType {
    return this.#program.types.get(id) as TensorType;
  }

  dispose(): Promise<void> {
    for (const tensor of this.#constants.values()) if (!tensor.isDisposed) tensor.dispose();
    return Promise.resolve();
  }
}
