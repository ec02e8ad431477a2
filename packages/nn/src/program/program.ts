import { LascauxError, check } from '../errors.js';
import type { PrimitiveAttributes, PrimitiveName } from './primitives.js';
import type { TensorType } from './shape-rules.js';
import { shapeRules } from './shape-rules.js';
import type { DType, Shape } from './shape.js';

/** A named value of a program under construction. */
export interface Value extends TensorType {
  readonly id: number;
  readonly builder: ProgramBuilder;
}

/** One call of a primitive on earlier values. */
export type Operation = {
  readonly [Name in PrimitiveName]: {
    readonly primitive: Name;
    readonly inputs: readonly number[];
    readonly attributes: PrimitiveAttributes[Name];
    readonly output: number;
  };
}[PrimitiveName];

/** How the values of a parameter are drawn before training. */
export type Initializer =
  | { readonly kind: 'zeros' | 'ones' }
  | { readonly kind: 'normal' | 'uniform'; readonly scale: number }
  | { readonly kind: 'constant'; readonly value: number };

/** A parameter that a network asked for: its name is the weight name of the reference (diffusers, transformers). */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
}

/** An input of a program; `parameter` is set for those that are weights. */
export interface ProgramInput extends TensorType {
  readonly id: number;
  readonly name: string;
  readonly parameter?: ParameterSpec;
}

/** A traced function: a flat list of primitive calls on numbered values with shapes. */
export interface Program {
  readonly inputs: readonly ProgramInput[];
  readonly operations: readonly Operation[];
  readonly outputs: readonly { readonly name: string; readonly id: number }[];
  /** Shape and dtype of value `id`. */
  readonly types: ReadonlyMap<number, TensorType>;
}

/** Collects the calls of a function being traced. Equal calls are recorded once. */
export class ProgramBuilder {
  readonly #operations: Operation[] = [];
  readonly #inputs: ProgramInput[] = [];
  readonly #names = new Set<string>();
  readonly #values: Value[] = [];
  readonly #known = new Map<string, Value>();
  readonly #producers = new Map<number, Operation>();

  #value(type: TensorType): Value {
    const value: Value = { id: this.#values.length, shape: type.shape, dtype: type.dtype, builder: this };
    this.#values.push(value);
    return value;
  }

  /** Declares an input. @throws {LascauxError} when the name is taken */
  input(name: string, type: { readonly shape: Shape; readonly dtype?: DType }, parameter?: ParameterSpec): Value {
    check(!this.#names.has(name), { operation: 'trace', rule: 'every input needs a name of its own', value: name });
    this.#names.add(name);
    const value = this.#value({ shape: type.shape, dtype: type.dtype ?? 'float32' });
    this.#inputs.push({
      name,
      id: value.id,
      shape: value.shape,
      dtype: value.dtype,
      ...(parameter === undefined ? {} : { parameter }),
    });
    return value;
  }

  /** Records one call and returns its result. @throws {LascauxError} when the shape rule is broken or a value is of another program */
  call<Name extends PrimitiveName>(
    primitive: Name,
    inputs: readonly Value[],
    attributes: PrimitiveAttributes[Name],
  ): Value {
    check(
      inputs.every((input) => input.builder === this),
      { operation: primitive, rule: 'all operands must belong to one program' },
    );
    const ids = inputs.map((input) => input.id);
    const key = `${primitive}|${ids.join()}|${JSON.stringify(attributes)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const value = this.#value(shapeRules[primitive](inputs, attributes, primitive));
    const operation = { primitive, inputs: ids, attributes, output: value.id } as Operation;
    this.#operations.push(operation);
    this.#producers.set(value.id, operation);
    this.#known.set(key, value);
    return value;
  }

  /** The call that made a value; undefined for an input. */
  producer(value: Value): Operation | undefined {
    return this.#producers.get(value.id);
  }

  /** The value numbered `id`. */
  at(id: number): Value {
    const value = this.#values[id];
    if (value === undefined) throw new LascauxError({ operation: 'program', rule: 'no such value', value: id });
    return value;
  }

  /** The operations recorded so far, in order. */
  get operations(): readonly Operation[] {
    return this.#operations;
  }

  /** The finished program; calls that no output needs are left out. */
  finish(outputs: Readonly<Record<string, Value>>): Program {
    const needed = new Set(Object.values(outputs).map((value) => value.id));
    const kept: Operation[] = [];
    for (const operation of [...this.#operations].reverse()) {
      if (!needed.has(operation.output)) continue;
      kept.push(operation);
      for (const id of operation.inputs) needed.add(id);
    }
    return {
      inputs: this.#inputs,
      operations: kept.reverse(),
      outputs: Object.entries(outputs).map(([name, value]) => ({ name, id: value.id })),
      types: new Map(this.#values.map((value) => [value.id, { shape: value.shape, dtype: value.dtype }])),
    };
  }
}
